/**
 * The Temporal CLI that Belay is tried with; its development server is inside. 1.5.1 is the last version that
 * `go install` can build from the Go module proxy.
 *
 * `archives` holds the official release, by `<platform>-<architecture>` as Node names them. An archive is downloaded
 * only with a checksum that two published lists give independently of each other
 * (docs/decisions/0003-temporal-server.md); without one the server is built from source, where the Go checksum database
 * vouches for every module.
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
  archives: {
    'linux-x64': {
      url: 'https://github.com/temporalio/cli/releases/download/v1.5.1/temporal_cli_1.5.1_linux_amd64.tar.gz',
      sha256: 'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
    },
    'linux-arm64': {
      url: 'https://github.com/temporalio/cli/releases/download/v1.5.1/temporal_cli_1.5.1_linux_arm64.tar.gz',
      sha256: 'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
    },
  },
};
