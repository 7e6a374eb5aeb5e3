/**
 * The Temporal CLI that Belay is tried with; its development server is inside. 1.5.1 is the last version that
 * `go install` can build from the Go module proxy.
 *
 * `archives` holds the official release, by `<platform>-<architecture>` as Node names them. An archive is downloaded
 * only with a checksum that a maintainer has taken from the release's own `checksums.txt` and checked against the
 * archive (docs/decisions/0003-temporal-server.md); without one the server is built from source, where the Go
 * checksum database vouches for every module.
 */
export const temporalRelease: {
  readonly cli: string;
  readonly module: string;
  /** Oldest server that Belay's workflows are known to run on. */
  readonly oldestServer: readonly [major: number, minor: number];
  readonly archives: Readonly<Record<string, { readonly url: string; readonly sha256: string }>>;
} = {
  cli: '1.5.1',
  module: 'github.com/temporalio/cli/cmd/temporal',
  oldestServer: [1, 29],
  archives: {},
};
