package commands

import (
	"context"
	"errors"
	"strings"

	"wskit/internal/conform"
	"wskit/internal/trace"
	"wskit/wsclient"
)

// servers prepares a test of servers. Stop ends those that it started, and is never nil.
func (o *checkOptions) servers(env *Env, cases []*conform.Case, urls []string) (test func(context.Context, *conform.Report) error, stop func(), err error) {
	configs, stop, err := o.serverConfigs(env, cases, urls)
	return func(ctx context.Context, r *conform.Report) error {
		return o.checkServers(ctx, env, r, configs)
	}, stop, err
}

// checkServers tests one server after the other. One that cannot be tested does not
// keep the others from it; the error is that of the first.
func (o *checkOptions) checkServers(ctx context.Context, env *Env, r *conform.Report, configs []conform.Config) error {
	live := o.newLive(env)
	var first error
	for i, cfg := range configs {
		if ctx.Err() != nil {
			break
		}
		live.next(cfg.Name, i, len(configs), len(cfg.Cases))
		cfg.Progress = live.progress()
		agent, err := conform.Run(ctx, cfg)
		live.erase()
		r.Add(agent)
		err = serverError(ctx, env, agent, err)
		switch {
		case err == nil:
		case first == nil:
			first = err
		default:
			env.note("error: %s", err)
		}
	}
	return first
}

// serverConfigs makes the configuration of each run. Stop ends the servers that it
// started, and is never nil.
func (o *checkOptions) serverConfigs(env *Env, cases []*conform.Case, urls []string) (configs []conform.Config, stop func(), err error) {
	var stops []func()
	stop = func() {
		for _, f := range stops {
			f()
		}
	}
	cfg := conform.Config{Cases: cases, Jobs: o.jobs, Timeout: o.timeout, Skip: o.skip, Exchanges: o.report.exchanges()}
	for i, url := range urls {
		real, end, err := env.resolve(url)
		if err != nil {
			return nil, stop, err
		}
		stops = append(stops, end)
		if i == 0 {
			cfg.Dial, err = o.dial.config(env, real)
		} else if cfg.Dial.URL, err = wsclient.ParseURL(real); err != nil { // all else is the same for all
			err = failure(exitUsage, err)
		}
		if err != nil {
			return nil, stop, err
		}
		cfg.Name = agentName(url, cfg.Dial.URL)
		if len(o.names) > 0 {
			cfg.Name = o.names[i]
		}
		configs = append(configs, cfg)
	}
	return configs, stop, nil
}

// agentName is what a server is called: its host and its path.
func agentName(given string, u *wsclient.URL) string {
	if _, ok := echoPath(given); ok {
		return given
	}
	if u.Socket != "" {
		return u.Socket
	}
	path, _, _ := strings.Cut(u.Target, "?") // there may be a token behind it
	return strings.TrimSuffix(u.HostHeader()+path, "/")
}

// serverError makes what keeps a server from being tested the error of the command.
func serverError(ctx context.Context, env *Env, agent *conform.Agent, err error) error {
	if err == nil {
		if agent.Ended != "" && ctx.Err() == nil {
			return failf(exitConnect, "%s: %s", agent.Name, agent.Ended).withHint("the cases that were running may have made it crash: try them one by one with --case")
		}
		return nil
	}
	if e, ok := errors.AsType[*conform.EchoError](err); ok {
		return failf(exitExpectation, "%s: %w", agent.Name, e).withHint("check wants every message back; --skip N passes over greetings")
	}
	if refused, ok := errors.AsType[*wsclient.HandshakeError](err); ok {
		env.showRefusal(refused)
	}
	return dialFailure(ctx, err)
}

// again is what a command line has behind the case, to try one again.
func (o *checkOptions) again(urls []string) string {
	switch {
	case o.clients.run != "":
		return "--run " + shellWord(o.clients.run)
	case o.clients.wanted():
		return "--listen " + shellWord(o.clients.listen[0])
	case len(urls) > 1:
		return "URL"
	}
	words := shellWord(trace.RedactURL(urls[0]))
	if o.dial.compress.on {
		words = "--compress " + words
	}
	return words
}

// shellWord quotes s for a shell, if it must be.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
