package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"wangge/node/city"
	"wangge/node/policy"
)

var initVerb = verb{
	name: "init",
	does: "make a county: its root key, from which devices are enrolled",
	help: `Usage: wangge init --county DIR [--name NAME] [--area CODE]

Makes the county's root key and certificate in DIR. The key signs the
certificates of all devices: keep DIR offline and copied, no node needs it.

With --area it makes the folder of a city or province, which has no hub: there
wangge receive keeps what its areas publish, and its root signs what it publishes.

  --county DIR   folder to make
  --name NAME    the county's name (default 网格县)
  --area CODE    four digits of a city, or two of a province

Example:
  wangge init --county county --name 高平市
  wangge init --county city --name 晋城市 --area 1405
  wangge enrol --county county --keys hub-1/keys --role hub --name 县中心一
  wangge enrol --county county --keys box-1/keys --role box --name 城东站 \
      --ring 140581105 --holds '140581105*/open,140581105*/personal,140581/open,140581/personal' \
      --writes '140581*/open,140581*/personal,140581105211/confidential'
`,
	run: runInit,
}

func runInit(_ context.Context, a *arguments) error {
	f := a.flags()
	dir := f.String("county", "", "")
	name, area := f.String("name", "网格县", ""), f.String("area", "", "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	if *dir == "" {
		return misused("--county DIR is missing")
	}
	if *area != "" {
		return a.found(*dir, *area, *name)
	}
	if _, err := policy.NewCounty(*dir, *name, time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: the county %s is made. Keep root.key offline; enrol devices with: wangge enrol --county %s\n", *dir, *name, *dir)
	return nil
}

// found makes the folder of a city or province.
func (a *arguments) found(dir, area, name string) error {
	if err := city.Found(dir, area, name, time.Now()); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %s (%s) is made. Put the county.crt of each area that publishes to it at %s/trusted/AREA.pem, and bring its own to the level above\n", dir, name, area, dir)
	return nil
}

var enrolVerb = verb{
	name: "enrol",
	does: "give a device its keys and certificate",
	help: `Usage: wangge enrol --county DIR --keys DIR --role hub|box --name NAME [flags]
       wangge enrol --renew --county DIR --keys DIR [flags]

Makes a device's keys and certificate in the folder given by --keys, which goes
to that device, and gives it the county's next device number.

With --renew the folder is that of an enrolled device, or a copy of it: its
certificate is made anew, for the same number and three years from today, with
what the flags say and else as it was. Bring device.crt (and, if it had none,
sealing.key and hub.card) to the device and start it again. A box that may hold less than before
hands what it has of those spaces to the county first, and then drops them.

  --county DIR       the folder that wangge init made
  --keys DIR         folder to make for the device
  --role ROLE        hub: a replica of the county's hub; box: a service centre's box
  --name NAME        what people call it
  --ring CODE        of a box: the township whose boxes it gossips with
  --holds PATTERNS   of a box: the spaces that it keeps, separated by commas
  --writes PATTERNS  of a box: the spaces that it may write for (default: as --holds)
  --renew            give an enrolled device a new certificate
  --json             print the device as JSON

A pattern is area/class, or prefix*/class, with the classes open, personal and
confidential. A hub replica holds everything and writes nothing.

Example:
  wangge enrol --county county --keys box-1/keys --role box --name 城东站 \
      --ring 140581105 --holds '140581105*/open,140581105*/personal,140581/open,140581/personal'
  wangge enrol --renew --county county --keys box-1/keys --holds '140581105211/open,140581105211/personal'
`,
	run: runEnrol,
}

func runEnrol(_ context.Context, a *arguments) error {
	f := a.flags()
	dir, keys := f.String("county", "", ""), f.String("keys", "", "")
	role, name, ring := f.String("role", "", ""), f.String("name", "", ""), f.String("ring", "", "")
	holds, writes := f.String("holds", "", ""), f.String("writes", "", "")
	asJSON, renew := f.Bool("json", false, ""), f.Bool("renew", false, "")
	if _, err := a.parse(f, 0); err != nil {
		return err
	}
	d := policy.Device{Name: *name, Role: policy.Role(*role), Ring: *ring, Holds: patterns(*holds), Writes: patterns(*writes)}
	if *renew {
		return runRenew(a, *dir, *keys, d, *asJSON)
	}
	if err := completeDevice(&d); err != nil || *dir == "" || *keys == "" {
		return misused("%w", errors.Join(err, missing("--county", *dir), missing("--keys", *keys)))
	}
	county, err := policy.OpenCounty(*dir)
	if err != nil {
		return fmt.Errorf("opening the county: %w", err)
	}
	d, err = county.Enrol(d, *keys, time.Now())
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(a.stdout).Encode(d)
	}
	fmt.Fprintf(a.stdout, "device %d (%s, %s) is enrolled: bring %s to it\n", d.Index, d.Name, d.Role, *keys)
	return nil
}

// runRenew gives a device a new certificate with what d says, and else as it was.
func runRenew(a *arguments, dir, keys string, d policy.Device, asJSON bool) error {
	if err := errors.Join(missing("--county", dir), missing("--keys", keys)); err != nil {
		return misused("%w", err)
	}
	if d.Role != "" {
		return misused("a device keeps its role: leave out --role, or enrol another device")
	}
	county, err := policy.OpenCounty(dir)
	if err != nil {
		return fmt.Errorf("opening the county: %w", err)
	}
	now, err := county.Renew(keys, func(was *policy.Device) error { return renewed(was, d) }, time.Now())
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(a.stdout).Encode(now)
	}
	fmt.Fprintf(a.stdout, "device %d (%s, %s) has a new certificate: bring %s/device.crt to it, and start it again\n", now.Index, now.Name, now.Role, keys)
	return nil
}

// renewed changes what was said of a device by what is said now. Who writes for what
// it holds goes on so.
func renewed(was *policy.Device, now policy.Device) error {
	if was.Role == policy.Hub && (len(now.Holds)+len(now.Writes) > 0 || now.Ring != "") {
		return misused("a hub replica holds everything, writes nothing and gossips with nobody: leave out --holds, --writes and --ring")
	}
	was.Name, was.Ring = cmp.Or(now.Name, was.Name), cmp.Or(now.Ring, was.Ring)
	if len(now.Holds) > 0 {
		if slices.Equal(was.Holds, was.Writes) {
			was.Writes = now.Holds
		}
		was.Holds = now.Holds
	}
	if len(now.Writes) > 0 {
		was.Writes = now.Writes
	}
	return nil
}

// completeDevice checks what was said of a device and adds what follows from it.
func completeDevice(d *policy.Device) error {
	if d.Name == "" {
		return errors.New("--name is missing")
	}
	switch d.Role {
	case policy.Hub:
		if len(d.Holds)+len(d.Writes) > 0 || d.Ring != "" {
			return errors.New("a hub replica holds everything, writes nothing and gossips with nobody: leave out --holds, --writes and --ring")
		}
		d.Holds = []policy.Pattern{"*"}
	case policy.Box:
		if len(d.Holds) == 0 || d.Ring == "" {
			return errors.New("a box needs --holds and --ring")
		}
		if len(d.Writes) == 0 {
			d.Writes = d.Holds
		}
	default:
		return errors.New("--role is hub or box")
	}
	return nil
}

func missing(flag, value string) error {
	if value == "" {
		return fmt.Errorf("%s is missing", flag)
	}
	return nil
}

func patterns(list string) []policy.Pattern {
	var all []policy.Pattern
	for p := range strings.SplitSeq(list, ",") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, policy.Pattern(p))
		}
	}
	return all
}
