// Every word that stands on the pages, in Chinese and in English. Words about
// kinds and fields come from the node.
const words = {
  skip: ['跳到内容', 'Skip to the content'],
  language: ['EN', '中文'],
  languageWhole: ['English', '中文'],
  tabs: ['主要页面', 'Main pages'],
  fill: ['填写', 'Write'],
  records: ['记录', 'Records'],
  exchange: ['同步', 'Exchange'],
  place: ['本站', 'This box'],
  never: ['尚未联系', 'not yet'],

  allSafe: ['记录全部已到县', 'All records at the county'],
  waiting: ['{n} 份待送', '{n} to send'],
  waitingLong: ['{n} 份超过一天没送到', '{n} unsent for over a day'],
  sending: ['正在送 {n} 份 · {kb}', 'Sending {n} · {kb}'],
  attention: ['需要处理', 'Needs attention'],
  attentionTo: ['需要处理 {n} 项', '{n} need attention'],
  away: ['本站没有应答', 'The box does not answer'],
  connecting: ['正在连接', 'Connecting'],
  heardPeers: ['最近联系邻站', 'Last contact with neighbours'],
  heardHub: ['最近联系县里', 'Last contact with the county'],
  awayLong: [
    '连不上本站。您填写的内容还在这个页面里，恢复后会自动继续。',
    'The box cannot be reached. What you typed is still on this page; it goes on by itself when the box is back.',
  ],

  allKinds: ['全部 {n} 种', 'All {n}'],
  findKind: ['按名称或工作查找', 'Find by name or work'],
  otherWork: ['其他', 'Other'],
  noSuchKind: ['没有这样的表单', 'There is no such form'],
  findRecord: ['查找已有记录', 'Find a record'],
  sealed: ['保密', 'Sealed'],
  sealedWhy: [
    '只在这条记录里显示，不进列表、报表和导出。',
    'Shown in this record only: in no list, figure or export.',
  ],
  chooseForm: ['选择表单', 'Choose a form'],
  required: ['必填', 'required'],
  optional: ['不填', 'Leave out'],
  yes: ['是', 'Yes'],
  no: ['否', 'No'],
  choose: ['请选择', 'Choose'],
  save: ['保存', 'Save'],
  clear: ['清空', 'Clear'],
  draftKept: ['已恢复上次没有保存的内容。', 'What you had not saved is here again.'],
  draftHere: [
    '输入的内容会保留在本页，直到保存。',
    'What you type is kept on this page until it is saved.',
  ],
  toCorrect: ['有 {n} 处需要改正', 'Please correct {n}'],
  problemAt: ['{title}：{text}', '{title}: {text}'],
  savedNow: ['已保存', 'Saved'],
  savedWhere: [
    '已写入本站磁盘。断网、断电都不会丢，接通后会自动送到县里。',
    'It is on this box’s disk. No cut of link or power can lose it; it travels to the county by itself.',
  ],
  openRecord: ['查看这条记录', 'Open the record'],
  notDone: ['没有做成。', 'Not done.'],
  notSaved: ['没有保存', 'Not saved'],
  now: ['现在', 'Now'],

  open: ['公开', 'open'],
  personal: ['个人信息', 'personal'],
  confidential: ['保密', 'confidential'],

  levelSaved: ['已保存', 'Saved'],
  levelBox: ['已到站', 'At a box'],
  levelCounty: ['已到县', 'At the county'],
  levels: ['已保存 → 已到站 → 已到县', 'Saved → at a box → at the county'],

  onlyWaiting: ['只看未到县', 'Not yet at the county'],
  loadMore: ['再看更早的', 'Show earlier ones'],
  loading: ['正在读取', 'Loading'],
  noRecords: ['这里还没有记录。', 'There are no records yet.'],
  noneWaiting: ['读到的记录都已到县。', 'All the records read here are at the county.'],
  conflict: ['有不同写法', 'Written apart'],

  deleted: ['已删除', 'Deleted'],
  disputed: ['删除有争议', 'Deletion disputed'],
  deletedTitle: ['这条记录已删除', 'This record is deleted'],
  deletedWhy: ['它不再计入报表，内容仍保留着。', 'It no longer counts in reports; what it says is kept.'],
  disputedTitle: ['有人删除了它，但没有看到全部内容', 'Somebody deleted this without having seen all of it'],
  disputedWhy: [
    '所以它仍然有效、仍然计数。请决定保留还是删除。',
    'So it still stands and counts. Decide whether to keep or to delete it.',
  ],
  keepRecord: ['保留这条记录', 'Keep this record'],
  restoreRecord: ['恢复这条记录', 'Restore this record'],
  deleteRecord: ['删除这条记录', 'Delete this record'],
  deleteSure: ['删除这条记录？之后还可以恢复。', 'Delete this record? It can be restored later.'],
  deletedNow: ['记录已删除', 'The record is deleted'],
  restored: ['记录已恢复', 'The record is restored'],

  sameTitle: ['与其他记录是同一条', 'The same as another record'],
  sameWhy: [
    '内容各自保留，报表只计一次。不是同一条时可以撤销。',
    'Each keeps what it says; reports count them once. It can be taken back.',
  ],
  sameAs: ['与这条是同一条：', 'Same record as'],
  sameUnheard: ['对方尚未确认', 'the other does not say so yet'],
  apart: ['不是同一条', 'Not the same'],
  apartNow: ['已撤销：不是同一条', 'Taken back: not the same'],
  saySame: ['与另一条是同一条', 'Same as another record'],
  sameAddress: ['粘贴另一条记录的网址', "Paste the other record's address"],
  sameUnread: ['这不是记录的网址，请从另一条记录的页面复制', 'That is no address of a record: copy it from its page'],
  sameNow: ['已记下：是同一条', 'Noted: the same record'],

  back: ['返回记录', 'Back to the records'],
  record: ['记录', 'Record'],
  number: ['编号', 'Number'],
  space: ['空间', 'Space'],
  conflictTitle: ['“{title}”有 {n} 个不同的写法', '“{title}” was written in {n} ways'],
  conflictWhy: [
    '它们是互相看不到时分别写下的，都保留着。请选一个，或写一个新的。',
    'They were written where neither saw the other, and all are kept. Choose one, or write a new one.',
  ],
  countyGives: ['由县里给出', 'The county will give it'],
  keepThis: ['用这个', 'Keep this one'],
  writeNew: ['写新的', 'Write a new one'],
  settled: ['已确定“{title}”', '“{title}” is settled'],
  changed: ['“{title}”已保存', '“{title}” is saved'],
  mergedText: ['已与他人的修改合并', 'Merged with another’s changes'],
  mergedWith: [
    '“{title}”已保存，已与他人的修改合并',
    '“{title}” is saved, and merged with another’s changes',
  ],
  textWaits: ['另有 {n} 处修改尚未到齐', '{n} more changes are not here in full'],
  textWoven: [
    '别人同时写的内容会保留，并与您的合在一起。',
    'What others write meanwhile stays, and is merged with yours.',
  ],
  edit: ['修改', 'Edit'],
  cancel: ['取消', 'Cancel'],
  addOne: ['加 1', 'Add 1'],
  addAmount: ['增加的数量', 'Amount'],
  add: ['添加', 'Add'],
  note: ['记一条', 'Add an entry'],
  noteIn: ['添加到“{title}”', 'Add to “{title}”'],
  noted: ['已记入“{title}”', 'Added to “{title}”'],
  stepOn: ['办下一步', 'Take a step'],
  stepTo: ['办到哪一步', 'To which step'],
  stepNote: ['办了什么', 'What was done'],
  stepAt: ['何时办的', 'When'],
  stepAtHint: ['空着就是现在', 'Left empty: now'],
  stepped: ['“{title}”已记一步', '“{title}”: the step is noted'],
  astray: ['不合顺序', 'Not in order'],
  astrayWhy: [
    '不合顺序的步骤是在看不到别人所办时记下的，照样保留，不改变现在的进度。如确已办理，请再办一次。',
    'A step that is not in order was taken where another’s was not seen. It is kept and moves nothing; if it was done all the same, take it again.',
  ],
  rightsHere: ['本站可用 {n}', 'This box may spend {n}'],
  holder: [
    '可用 {rights}，存入 {earned}，支出 {spent}',
    'may spend {rights}, put in {earned}, spent {spent}',
  ],
  here: ['本站', 'this box'],
  grantOnWay: ['转来的份额还在路上', 'what was handed to it is on the way'],
  overdrawn: ['多支出 {n}，请核对', 'spent {n} too much: please check'],
  amount: ['数量', 'Amount'],
  earn: ['存入', 'Put in'],
  spend: ['支出', 'Spend'],
  handTo: ['转给哪个站', 'Hand to which box'],
  handOn: ['转出额度', 'Hand on'],
  addTo: ['添加到“{title}”', 'Add to “{title}”'],
  remove: ['去掉', 'Remove'],
  photo: ['照片', 'Photo'],
  addPhotos: ['添加照片', 'Add photos'],
  addFiles: ['添加文件', 'Add files'],
  underWay: ['正在传送', 'On its way'],
  again: ['再试', 'Try again'],
  notSent: ['没有传完，请重新添加', 'Not sent: add it again'],
  notCome: ['还没有到本站', 'Not here yet'],
  removeSure: ['去掉这个文件？', 'Take this file away?'],
  files: ['照片和文件', 'Photos and files'],
  fileStock: ['{n} 个，{size}', '{n}, {size}'],
  fileMissing: ['还有 {n} 个没有到', '{n} still to come'],
  empty: ['未填写', 'Not filled in'],
  newer: ['来自新版表单', 'From a newer form'],
  newerWhy: [
    '本站的表单里没有这一项；内容照样保留和转送。',
    'This box’s form does not have it; it is kept and passed on all the same.',
  ],
  gone: ['这里没有这条记录。', 'This record is not here.'],

  unsentNow: ['还没到县里', 'Not yet at the county'],
  nothingUnsent: ['没有', 'nothing'],
  unsentFacts: ['{n} 份，{size}，最早一份 {ago}', '{n}, {size}, the oldest {ago}'],
  unsentHere: ['{n} 份', '{n}'],
  showUnsent: ['查看', 'Show'],
  filesToCome: ['照片和文件', 'Photos and files'],
  lightWhy: [
    '县里逐份确认收到填写的内容，才显示“记录全部已到县”；照片和文件随后另送。断网时照样可以填写。',
    'Green means that the county has confirmed all that was filled in; photos and files follow. Writing goes on without a link.',
  ],
  notExchanged: ['还没有交换过', 'nothing exchanged yet'],
  evenWith: ['上次见面后两边齐了', 'when last met, both had all'],
  peerLacks: ['所知对方还缺 {n} 份', 'as far as known it lacks {n}'],
  weLack: ['本站还缺 {n} 份', 'this box lacks {n}'],
  leftToSend: ['正在发送，还有 {n} 份', 'sending, {n} to go'],
  leftToReceive: ['正在接收，还有 {n} 份', 'receiving, {n} to go'],
  secondsLeft: ['约 {n} 秒', 'about {n} s'],
  minutesLeft: ['约 {n} 分钟', 'about {n} min'],
  clockOff: ['时钟不准', 'clock is off'],
  toKnow: ['供了解', 'For information'],
  stuckOffered: [
    '{by}没有接收{author}在 {area} 的 {n} 份内容（从第 {from} 份起，后面的要等它）。',
    '{by} did not take {n} pieces of {author} in {area}: number {from}, and those behind wait for it.',
  ],
  stuckBrought: [
    '{by}送来的{author}在 {area} 的内容，从第 {from} 份起没有接收。',
    'What {by} brought of {author} in {area} was not taken from number {from} on.',
  ],
  restGoesOn: ['其余内容照常收送。', 'Everything else goes on.'],
  firstRecords: ['只列出前 {n} 条记录。', 'The first {n} records are listed.'],
  allBoxes: ['各站', 'Boxes'],
  allBoxesWhy: [
    '“报齐到”之前的内容县里都有了；没有接收的要有人处理。',
    'Up to “complete” the county has all of a box’s work; what was not taken needs somebody.',
  ],
  completeTo: ['报齐到', 'Complete up to'],
  countyLacks: ['县里还缺', 'County lacks'],
  notTaken: ['没有接收', 'Not taken'],
  streams: ['{n} 处', '{n}'],

  device: ['设备', 'Device'],
  neighbours: ['邻站与县里', 'Neighbours and county'],
  hubName: ['县', 'County'],
  boxName: ['站', 'Box'],
  connected: ['已连接', 'Connected'],
  disconnected: ['未连接', 'Not connected'],
  noPeers: ['还没有遇到别的节点。', 'No other node has been met yet.'],
  lastHeard: ['最近联系', 'Last heard'],
  spaces: ['空间', 'Spaces'],
  spacesWhy: ['摘要相同，内容就逐字节相同。', 'Equal digests mean equal contents, byte for byte.'],
  area: ['区划', 'Area'],
  digest: ['摘要', 'Digest'],
  recordCount: ['记录', 'Records'],
  batchCount: ['批次', 'Batches'],
  countyCount: ['已到县', 'At county'],
  notHeld: ['只有本站写入的部分', 'only what was written here'],
  hollow: ['有记录受损，等县里补齐', 'records were damaged: the county brings them again'],
  store: ['存储', 'Store'],
  storeRoom: ['{size}，其中空闲 {free}', '{size}, of which {free} free'],
  noSpaces: ['还没有数据。', 'There is no data yet.'],
  machine: ['这台机器', 'This machine'],
  address: ['地址', 'Address'],
  since: ['启动于', 'Started'],
  process: ['进程', 'Process'],
  demoLink: ['演示：网络', 'Demonstration: link'],
  linkUp: ['网络接通', 'The link is up'],
  linkCut: ['网络已切断', 'The link is cut'],
  linkWhy: [
    '切断后照样可以填写；接通后会自动合并。',
    'Writing goes on while it is cut; what was written merges when it is back.',
  ],
  cutLink: ['切断网络', 'Cut the link'],
  restoreLink: ['恢复网络', 'Restore the link'],

  office: ['县里的报表', 'County reports'],
  report: ['报表', 'Report'],
  question: ['条件', 'Question'],
  groupBy: ['分组', 'Group by'],
  byDay: ['日期', 'Day'],
  digits6: ['区县', 'County'],
  digits9: ['乡镇街道', 'Township'],
  digits12: ['社区（村）', 'Community'],
  digits15: ['网格', 'Grid'],
  noArea: ['不分区划', 'No area'],
  areaPrefix: ['只看区划（代码开头）', 'Only the area (beginning of its code)'],
  from: ['从', 'From'],
  to: ['到', 'To'],
  today: ['今天', 'Today'],
  week: ['近 7 天', 'Last 7 days'],
  allDays: ['全部', 'All'],
  days: ['日期', 'Days'],
  all: ['全部', 'All'],
  current: [
    '必须最新：等到此刻之前提交的都算上',
    'Must be current: count everything committed up to now',
  ],
  total: ['合计', 'Total'],
  overall: ['总体', 'Overall'],
  nothingToDivide: ['没有可比的数', 'Nothing to divide by'],
  distinctWhy: [
    '同一个人在几组里出现，合计只算一次。',
    'A person who is in several groups is one in the total.',
  ],
  moreRows: ['另有 {n} 行，请导出查看。', '{n} more rows: export them to see.'],
  noRows: ['没有符合条件的记录。', 'No record meets the question.'],
  asOf: ['截至提交 {commit} · {replica} · {at}', 'As of commit {commit} · {replica} · {at}'],
  boxesComplete: ['{n}/{all} 个站一天内报齐', 'Complete within a day: {n} of {all} boxes'],
  lateBox: ['{name}（{ago}）', '{name} ({ago})'],
  lateBoxes: ['未报齐：{names}', 'late: {names}'],
  export: ['导出', 'Export'],
  group: ['共识组', 'Group'],
  leader: ['主副本', 'Leader'],
  thisIsLeader: ['本机是主副本', 'This replica leads'],
  term: ['任期', 'Term'],
  commit: ['已提交', 'Committed'],
  applied: ['已计入', 'Applied'],
  groupAt: ['最近确认', 'Last sure'],
  inGroup: ['副本正常', 'Replica in step'],
  noLeader: ['暂无主副本', 'No leader now'],
  replicas: ['副本', 'Replicas'],
  hubAway: ['这台副本没有应答', 'This replica does not answer'],
  figuresAway: [
    '显示的是最后一次读到的数字，恢复后自动更新。',
    'These are the last figures that were read; they are renewed when it is back.',
  ],

  stage: ['演示：一个县', 'Demonstration: one county'],
  stageWhy: [
    '这些都是本机上真实的进程，各有自己的磁盘和端口。',
    'Each of these is a real process on this machine, with its own disk and port.',
  ],
  hubGroup: ['县中心', 'County hub'],
  running: ['运行中', 'Running'],
  stopped: ['已停止', 'Stopped'],
  cut: ['已切断', 'Cut'],
  stop: ['断电', 'Power off'],
  start: ['开机', 'Power on'],
  sever: ['切断', 'Cut'],
  join: ['恢复', 'Restore'],
  openPage: ['打开', 'Open'],
  silent: ['没有应答', 'No answer'],
  leads: ['主', 'leads'],
  follows: ['副', 'follows'],
  toSend: ['{n} 份待送', '{n} to send'],
  nothingToSend: ['没有待送', 'nothing to send'],
  sameEverywhere: ['各处内容一致', 'The same everywhere'],
  differs: ['各处内容还不一致', 'Not yet the same'],
  sharedSpaces: ['同一份数据，各处的摘要', 'One set of data, its digest at each place'],
  equal: ['一致', 'equal'],
  unequal: ['不一致', 'differ'],
  countyFigure: ['县里的数字', 'The county’s figure'],
  script: ['试一试', 'Try it'],
  step1: [
    '在一个站写一条走访，看它到县。',
    'Write a visit at one box, and see it reach the county.',
  ],
  step2: ['切断这个站的网络。', 'Cut that box’s link.'],
  step3: ['两边各改同一条记录的“状态”。', 'Change the status of the same record on both sides.'],
  step4: ['恢复网络，看摘要变为一致。', 'Restore the link, and see the digests become equal.'],
  step5: [
    '打开记录，看两种写法并选定；再看报表。',
    'Open the record, see both versions and settle; then see the report.',
  ],
};

const key = 'wangge.language';

function wanted() {
  const asked = new URLSearchParams(location.search).get('lang') ?? localStorage.getItem(key);
  return asked === 'en' ? 'en' : 'zh';
}

let language = wanted();

// english reports whether the pages speak English now.
export function english() {
  return language === 'en';
}

// turn changes the language, and remembers it.
export function turn() {
  language = english() ? 'zh' : 'en';
  localStorage.setItem(key, language);
  const here = new URL(location);
  here.searchParams.delete('lang');
  history.replaceState(null, '', here);
}

// t returns a wording, with its {names} filled in.
export function t(name, values = {}) {
  const wording = words[name][english() ? 1 : 0];
  return wording.replace(/\{(\w+)\}/g, (_, part) => values[part]);
}

// both returns a wording in both languages, as texts of the node's come.
export function both(name) {
  const [zh, en] = words[name];
  return { zh, en };
}

// say returns a text of the node's in the language of the pages.
export function say(text, otherwise = '') {
  return (english() ? text?.en || text?.zh : text?.zh || text?.en) || otherwise;
}
