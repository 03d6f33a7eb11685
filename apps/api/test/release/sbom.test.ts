import { createSbom, type Metafile } from '../../release/sbom';

const imports = (...paths: string[]) => ({ imports: paths.map((path) => ({ path })) });
const metafile: Metafile = {
  inputs: {
    'src/main.ts': imports('src/app.ts', 'node:http'),
    'src/app.ts': imports('../../node_modules/express/index.js'),
    '../../node_modules/express/index.js': imports(
      '../../node_modules/express/lib/router.js',
      '../../node_modules/@scope/qs/index.js',
    ),
    '../../node_modules/express/lib/router.js': imports('node:fs'),
    '../../node_modules/@scope/qs/index.js': imports(),
  },
};
const facts = (directory: string) =>
  directory.endsWith('express')
    ? { name: 'express', version: '5.3.0', license: 'MIT', integrity: 'sha512-AAEC' }
    : { name: '@scope/qs', version: '1.0.0', license: 'MIT OR Apache-2.0' };

const sbom = createSbom({ name: 'api', version: '1.0.0' }, metafile, facts, {
  uuid: '00000000-0000-4000-8000-000000000000',
  timestamp: '2026-01-01T00:00:00.000Z',
});

test('every package of the bundle is a component, with version, license and checksum', () => {
  expect(sbom.components).toEqual([
    {
      type: 'library',
      'bom-ref': 'pkg:npm/%40scope/qs@1.0.0',
      name: '@scope/qs',
      version: '1.0.0',
      purl: 'pkg:npm/%40scope/qs@1.0.0',
      licenses: [{ expression: 'MIT OR Apache-2.0' }],
    },
    {
      type: 'library',
      'bom-ref': 'pkg:npm/express@5.3.0',
      name: 'express',
      version: '5.3.0',
      purl: 'pkg:npm/express@5.3.0',
      licenses: [{ license: { id: 'MIT' } }],
      hashes: [{ alg: 'SHA-512', content: '000102' }],
    },
  ]);
});

test('which package uses which is in it, and the API is what uses the rest', () => {
  expect(sbom.metadata.component).toMatchObject({ type: 'application', name: 'api' });
  expect(sbom.dependencies).toEqual([
    { ref: 'pkg:npm/api@1.0.0', dependsOn: ['pkg:npm/express@5.3.0'] },
    { ref: 'pkg:npm/%40scope/qs@1.0.0', dependsOn: [] },
    { ref: 'pkg:npm/express@5.3.0', dependsOn: ['pkg:npm/%40scope/qs@1.0.0'] },
  ]);
});
