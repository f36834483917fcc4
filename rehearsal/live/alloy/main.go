// Package main is Grafana Alloy with the components that a stack's pipelines are made of, and no others: the parser, the
// controller and the components are Alloy's own. loki.echo is for tests: it shows what a pipeline makes of a line.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/grafana/alloy/internal/component"
	"github.com/grafana/alloy/internal/featuregate"
	"github.com/grafana/alloy/internal/runtime"
	"github.com/grafana/alloy/internal/runtime/logging"
	"github.com/grafana/alloy/internal/service"
	"github.com/grafana/alloy/internal/service/cluster"
	"github.com/grafana/alloy/internal/service/http"
	"github.com/grafana/alloy/internal/service/labelstore"
	"github.com/grafana/alloy/internal/service/livedebugging"
	"github.com/grafana/alloy/internal/service/remotecfg"
	"github.com/grafana/alloy/internal/validator"

	_ "github.com/grafana/alloy/internal/component/discovery/kubernetes"
	_ "github.com/grafana/alloy/internal/component/discovery/relabel"
	_ "github.com/grafana/alloy/internal/component/local/file_match"
	_ "github.com/grafana/alloy/internal/component/loki/echo"
	_ "github.com/grafana/alloy/internal/component/loki/process"
	_ "github.com/grafana/alloy/internal/component/loki/relabel"
	_ "github.com/grafana/alloy/internal/component/loki/source/file"
	_ "github.com/grafana/alloy/internal/component/loki/source/kubernetes_events"
	_ "github.com/grafana/alloy/internal/component/loki/write"
)

const usage = "usage: alloy validate FILE | alloy run FILE FOLDER ADDRESS | alloy --version"

// Where components of the same process find each other; no listener of the machine.
const memory = "127.0.0.1:12345"

const stability = featuregate.StabilityGenerallyAvailable

var version = "unknown"

func main() {
	if err := command(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func command(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "--version":
		fmt.Println("alloy, version", version)
		return nil
	case len(args) == 2 && args[0] == "validate":
		return validate(args[1])
	case len(args) == 4 && args[0] == "run":
		return run(args[1], args[2], args[3])
	}
	return errors.New(usage)
}

// validate says what `alloy validate` says of the file.
func validate(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sources := map[string][]byte{path: text}
	err = validator.Validate(validator.Options{
		Sources: sources,
		ServiceDefinitions: []service.Definition{
			(&cluster.Service{}).Definition(),
			(&http.Service{}).Definition(),
			(&labelstore.Service{}).Definition(),
			(&livedebugging.Service{}).Definition(),
			(&remotecfg.Service{}).Definition(),
		},
		ComponentRegistry: component.NewDefaultRegistry(stability, false),
		MinStability:      stability,
	})
	if err != nil {
		validator.Report(os.Stderr, err, sources)
		return errors.New("validation failed")
	}
	return nil
}

// run loads the file and works until it is told to stop. Data lies in the folder; /-/ready and /metrics at the address.
func run(path, folder, address string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	source, err := runtime.ParseSource(path, text)
	if err != nil {
		return err
	}
	controller, err := newController(folder, address)
	if err != nil {
		return err
	}
	if err := controller.LoadSource(source, nil, path); err != nil {
		return err
	}
	controller.Run(ctx)
	return nil
}

func newController(folder, address string) (*runtime.Runtime, error) {
	logger, err := logging.New(os.Stderr, logging.DefaultOptions)
	if err != nil {
		return nil, err
	}
	log, registry := logger.Slog(), prometheus.DefaultRegisterer
	var controller *runtime.Runtime
	web := http.New(http.Options{
		Logger:           logger,
		Tracer:           noop.NewTracerProvider(),
		Gatherer:         prometheus.DefaultGatherer,
		ReadyFunc:        func() bool { return controller.Ready() },
		ReloadFunc:       func() error { return errors.New("not supported") },
		HTTPListenAddr:   address,
		MemoryListenAddr: memory,
		MinStability:     stability,
	})
	remote, err := remotecfg.New(remotecfg.Options{Logger: log, StoragePath: folder, Metrics: registry})
	if err != nil {
		return nil, err
	}
	// A cluster of one, which nobody joins: its address is never used, and must be one.
	peers, err := cluster.New(cluster.Options{
		Log: log, Metrics: registry, Tracer: noop.NewTracerProvider(), NodeName: "alloy", AdvertiseAddress: memory,
	})
	if err != nil {
		return nil, err
	}
	controller, err = runtime.New(runtime.Options{
		Logger:       logger,
		DataPath:     folder,
		Reg:          registry,
		MinStability: stability,
		Services: []service.Service{
			web, remote, peers, labelstore.New(log, registry, true), livedebugging.New(),
		},
		TaskShutdownDeadline: time.Minute,
	})
	return controller, err
}
