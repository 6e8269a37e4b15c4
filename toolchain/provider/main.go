// Command pulumi-resource-alicloud is the resource plugin of the pulumi_alicloud Python package, for the resources that
// resources.go names.
//
// "pulumi-resource-alicloud write-schema FILE" writes the package's schema. A build runs it once: the plugin reads the
// file that lies beside its executable, because making the schema again at every start would slow each command down.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

const schemaFile = "schema.json"

func main() {
	var err error
	if len(os.Args) == 3 && os.Args[1] == "write-schema" {
		err = writeSchema(os.Args[2])
	} else {
		err = serve()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-alicloud: %v\n", err)
		os.Exit(1)
	}
}

func serve() error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find my own executable, and so not %s: %w", schemaFile, err)
	}
	// Found by PATH, the executable may be a link into the build cache.
	executable, err = filepath.EvalSymlinks(executable)
	if err != nil {
		return fmt.Errorf("cannot find my own executable, and so not %s: %w", schemaFile, err)
	}
	schema, err := os.ReadFile(filepath.Join(filepath.Dir(executable), schemaFile))
	if err != nil {
		return fmt.Errorf("this build is incomplete (run `python -m toolchain install`): %w", err)
	}
	endWithEngine()
	tfbridge.Main(packageName, packageVersion, providerInfo(), schema)
	return nil
}

// endWithEngine ends this process at once when the engine is gone, which tells nobody when it is killed. The engine
// holds the other end of standard input, a pipe that it neither writes to nor closes while it lives.
func endWithEngine() {
	input, err := os.Stdin.Stat()
	if err != nil || input.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	go func() {
		if _, err := io.Copy(io.Discard, os.Stdin); err == nil {
			os.Exit(1)
		}
	}()
}

func writeSchema(path string) error {
	generated, err := tfgen.GenerateSchemaWithOptions(tfgen.GenerateSchemaOptions{
		ProviderInfo: providerInfo(),
		// Standard output is free for the caller; what the generator has to say goes to standard error.
		DiagnosticsSink: diag.DefaultSink(os.Stderr, os.Stderr, diag.FormatOptions{Color: colors.Never}),
		// Without this the generator looks for the documentation in a checkout of the Terraform provider.
		XInMemoryDocs: true,
	})
	if err != nil {
		return fmt.Errorf("cannot generate the schema: %w", err)
	}
	content, err := json.Marshal(generated.PackageSpec)
	if err != nil {
		return fmt.Errorf("cannot encode the schema: %w", err)
	}
	return os.WriteFile(path, content, 0o644)
}
