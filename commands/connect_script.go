package commands

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"wskit/codec"
	"wskit/scripts"
)

// scriptOptions are the flags of connect about scripts.
func (o *connectOptions) scriptOptions() []*option {
	return append(in("Scripts",
		stringOption(&o.file, "script", "FILE", "run a script: wskit help scripting; arguments behind the URL are its args"),
		stringOption(&o.code, "eval", "CODE", "run CODE, with the connection in ws").also("e"),
	), o.script.options()...)
}

// scripted reports whether a script runs the connection.
func (o *connectOptions) scripted() bool { return o.file != "" || o.code != "" }

// checkScript checks the flags against each other for a script.
func (o *connectOptions) checkScript() error {
	err := checkRules(o.all, []rule{
		{flags: []string{"script"}, not: []string{"eval"}},
		{flags: []string{"script", "eval"}, not: []string{"json", "escape", "duration"}, hint: "a script prints with console.log, and ends by itself"},
	})
	if err != nil {
		return err
	}
	if bad := firstGiven(o.all, []string{sending, waiting}, []string{"wait", "expect-status"}); bad != nil {
		return usagef("--%s has no effect with a script", bad.name).withHint("a script sends with ws.send and waits with ws.expect: wskit help scripting")
	}
	return o.dial.check(o.all)
}

// runScript is connect --script and connect -e.
func (o *connectOptions) runScript(ctx context.Context, env *Env, url string) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	o.script.onExit = cancel
	defer func() { err = o.script.finish(env, err) }()

	out := newOutlet(ctx, env.Stdout)
	defer out.close()
	print := o.messages(env, out)
	cfg := scripts.Config{
		Name: "eval", Source: o.code, Handler: true, Wait: max(o.wait, 0),
		Print: func(line string) { print.write(codec.OpText, []byte(line)) },
	}
	if o.file != "" {
		text, err := readScript(o.file)
		if err != nil {
			return err
		}
		cfg.Name, cfg.Source, cfg.Handler = o.file, text, false
	}
	engine, err := o.script.start(ctx, env, cfg)
	if err != nil {
		return err
	}
	conn, stop, err := o.open(ctx, env, url, nil, nil)
	defer stop()
	if conn == nil {
		return err
	}
	var ender sync.WaitGroup
	ender.Go(func() {
		select {
		case <-ctx.Done():
			conn.Close(codec.CloseNormal, "")
		case <-conn.Done():
		}
	})
	end, expected := engine.Run(scripts.Dialled{Conn: conn.Conn, URL: url, Host: conn.URL.HostHeader(), Request: conn.Request})
	ender.Wait()
	engine.Shutdown()
	if errors.As(context.Cause(ctx), new(scriptExit)) {
		return o.script.outcome(ctx)
	}
	if expected {
		end = nil
	}
	return cmp.Or(interruption(ctx), closeFailure(end), o.script.outcome(ctx))
}
