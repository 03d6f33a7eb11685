/** What esbuild has put into the bundle: https://esbuild.github.io/api/#metafile */
export interface Metafile {
  readonly inputs: Readonly<
    Record<string, { readonly imports: readonly { readonly path: string }[] }>
  >;
}

/** Of a package's package.json and of its entry in package-lock.json. */
export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  /** e.g. `sha512-…`, in Base64 */
  readonly integrity?: string;
}

const PACKAGE_DIRECTORY = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/**
 * The software bill of materials of a bundle: the packages that are in it, and which uses which.
 * From the bundle itself, because `npm sbom --omit dev` leaves out every package that is also a
 * development dependency of another. https://cyclonedx.org/docs/1.5/json/
 *
 * @param facts of the package in a directory of the metafile
 * @param identity what differs from one document to the next
 */
export function createSbom(
  application: { readonly name: string; readonly version: string },
  { inputs }: Metafile,
  facts: (directory: string) => PackageFacts,
  identity: { readonly uuid: string; readonly timestamp: string },
) {
  const uses = new Map<string, Set<string>>([['', new Set()]]);
  for (const [file, { imports }] of Object.entries(inputs)) {
    const user = directoryOf(file);
    if (!uses.has(user)) uses.set(user, new Set());
    for (const { path } of imports) {
      const used = directoryOf(path);
      // Of imports that are not in the bundle, such as node:fs, there is nothing to list.
      if (path in inputs && used !== user && used !== '') uses.get(user)?.add(used);
    }
  }
  const directories = [...uses.keys()].filter((directory) => directory !== '').sort();
  const references = new Map(directories.map((directory) => [directory, purl(facts(directory))]));
  const root = purl(application);
  const reference = (directory: string) => references.get(directory) ?? root;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${identity.uuid}`,
    version: 1,
    metadata: {
      timestamp: identity.timestamp,
      component: { type: 'application', 'bom-ref': root, ...application, purl: root },
    },
    components: [
      ...new Map(directories.map((one) => [reference(one), component(facts(one))])).values(),
    ],
    dependencies: ['', ...directories].map((directory) => ({
      ref: reference(directory),
      dependsOn: [...new Set([...(uses.get(directory) ?? [])].map(reference))].sort(),
    })),
  };
}

/** Where a file's package is; '' for the application's own files */
function directoryOf(file: string): string {
  return PACKAGE_DIRECTORY.exec(file)?.[0] ?? '';
}

/** https://github.com/package-url/purl-spec */
function purl({ name, version }: { readonly name: string; readonly version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function component({ name, version, license, integrity }: PackageFacts) {
  const reference = purl({ name, version });
  const [algorithm, digest] = integrity?.split('-') ?? [];
  return {
    type: 'library',
    'bom-ref': reference,
    name,
    version,
    purl: reference,
    ...(license !== undefined && {
      licenses: [
        /^[\w.+-]+$/.test(license) ? { license: { id: license } } : { expression: license },
      ],
    }),
    ...(algorithm === 'sha512' &&
      digest !== undefined && {
        hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
      }),
  };
}
