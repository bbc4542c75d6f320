// Command wangge runs the machines of a county's offline-first records and looks after them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// verb is one thing that the program does.
type verb struct {
	name string
	does string // one line for the list of verbs
	help string // usage and examples, as --help prints them
	run  func(ctx context.Context, a *arguments) error
}

// verbs lists them in the order in which a newcomer meets them.
func verbs() []verb {
	return []verb{demoVerb, initVerb, enrolVerb, hubVerb, boxVerb, importVerb, reportVerb, monthVerb, exportVerb, publishVerb, receiveVerb, cityVerb, tasksVerb, statusVerb, attentionVerb,
		verifyVerb, compactVerb, backupVerb, restoreVerb, bundleVerb, explainVerb, decideVerb, sinkVerb, schemaVerb, generateVerb, benchVerb, simulateVerb}
}

// arguments is what a verb is given.
type arguments struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// Exit codes.
const (
	exitFailed  = 1 // it was tried and did not work
	exitUsage   = 2 // it could not be understood
	exitPartial = 3 // a part of the input was refused; the rest is done
)

// usageError says how the program was called wrongly.
type usageError struct{ error }

func misused(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errPartial says that a part of the input was refused.
var errPartial = errors.New("a part of the input was refused")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		usage(stdout)
		return 0
	}
	for _, v := range verbs() {
		if v.name != args[0] {
			continue
		}
		err := v.run(ctx, &arguments{args[1:], stdin, stdout, stderr})
		switch {
		case err == nil:
			return 0
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprint(stdout, v.help)
			return 0
		case errors.As(err, new(usageError)):
			fmt.Fprintf(stderr, "wangge %s: %v\nSee wangge %s --help.\n", v.name, err, v.name)
			return exitUsage
		case errors.Is(err, errPartial):
			fmt.Fprintf(stderr, "wangge %s: %v\n", v.name, err)
			return exitPartial
		}
		fmt.Fprintf(stderr, "wangge %s: %v\n", v.name, err)
		return exitFailed
	}
	fmt.Fprintf(stderr, "wangge: there is no verb %q. See wangge --help.\n", args[0])
	return exitUsage
}

func usage(w io.Writer) {
	fmt.Fprint(w, `wangge keeps what grid workers write down where the signal is weak: saved on the
spot, merged without loss, counted once at the county.

Usage: wangge VERB [flags]

`)
	for _, v := range verbs() {
		fmt.Fprintf(w, "  %-8s %s\n", v.name, v.does)
	}
	fmt.Fprint(w, `
wangge VERB --help explains a verb with examples. Begin with: wangge demo

Exit codes: 0 done, 1 failed, 2 called wrongly, 3 a part of the input was refused.
`)
}

// flags returns a flag set that leaves all printing to run.
func (a *arguments) flags() *flag.FlagSet {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// parse reads the flags, which may stand before, between and after the other
// arguments, and returns those.
func (a *arguments) parse(f *flag.FlagSet, most int) ([]string, error) {
	var rest []string
	for args := a.args; ; {
		if err := f.Parse(args); errors.Is(err, flag.ErrHelp) {
			return nil, err
		} else if err != nil {
			return nil, misused("%v", err)
		}
		if f.NArg() == 0 {
			break
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
	if len(rest) > most {
		return nil, misused("%s is one argument too many", strings.Join(rest[most:], " "))
	}
	return rest, nil
}
