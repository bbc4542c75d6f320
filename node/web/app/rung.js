// The rungs of a ladder, as the node has them (schema/FORMAT.md).

// begins reports whether a case may begin at a rung.
export function begins(rung) {
  return rung.begins || !rung.after?.length;
}

// next returns the rungs to which a case may go on; any may follow one that only a
// newer form has.
export function next({ options }, stands) {
  if (!stands) return options.filter(begins);
  const known = options.some((o) => o.value === stands);
  return options.filter((o) => !known || o.after?.includes(stands));
}
