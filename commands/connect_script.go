package commands

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"wskit/codec"
	"wskit/scripts"
)

// scriptOptions are the flags of connect about scripts.
func (o *connectOptions) scriptOptions() []*option {
	return append(in(scriptGroup,
		stringOption(&o.file, "script", "FILE|NAME", "run a script, or one that is built in: wskit help scripting; arguments behind the URL are its args").
			once("a script may have several handlers of connections: put them into one file"),
		stringOption(&o.code, "eval", "CODE", "run CODE, with the connection in ws").also("e").
			once("one CODE may have several statements: -e 'ws.send(1); await ws.expect(\"1\")'"),
	), o.script.options()...)
}

// scripted reports whether a script runs the connection.
func (o *connectOptions) scripted() bool { return o.file != "" || o.code != "" }

// checkScript checks the flags against each other for a script.
func (o *connectOptions) checkScript() error {
	err := checkRules(o.all, []rule{
		{flags: []string{"script"}, not: []string{"eval"}},
		{flags: []string{"script", "eval"}, not: []string{"json", "escape"}, hint: "a script prints with console.log, and ends by itself"},
	})
	if err != nil {
		return err
	}
	if bad := firstGiven(o.all, []string{sending, waiting}, []string{"wait", "duration", "expect-status"}); bad != nil {
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
	cfg := scripts.Config{Name: "eval", Source: o.code, Handler: true}
	if o.file != "" {
		var err error
		if cfg, err = readScript(o.file); err != nil {
			return err
		}
	}
	cfg.Wait = max(o.wait, 0)
	cfg.Print = func(line string) { print.write(codec.OpText, []byte(line)) }
	engine, err := o.script.start(ctx, env, cfg)
	if err != nil {
		return err
	}
	client := engine.NewClient()
	conn, stop, err := o.open(ctx, env, url, nil, client.Configure)
	defer stop()
	if conn == nil {
		return err
	}
	var ender sync.WaitGroup
	ran := make(chan struct{})
	ender.Go(func() {
		var limit <-chan time.Time
		if o.limit > 0 {
			limit = time.After(o.limit)
		}
		select {
		case <-ctx.Done():
		case <-limit:
		case <-ran:
			return
		}
		conn.Close(codec.CloseNormal, "")
		stuck := time.AfterFunc(o.script.limit, engine.Close) // Run would wait for a turn without end
		defer stuck.Stop()
		<-ran
	})
	end, expected := client.Run(conn)
	close(ran)
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
