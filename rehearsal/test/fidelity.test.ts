import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(join(root, 'rehearsal/FIDELITY.md'), 'utf8');

const STATES = ['played', 'accepted', 'not played', 'not expressible'];

/** Every line of a table but its head: behaviour, state, and the test or the reason. */
const rowsOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| §'))
    .map((line) => {
      const cells = line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('\\|', '|'));
      const [behaviour = '', state = '', proof = ''] = cells;
      return { behaviour, state, proof, cells: cells.length };
    });

const [release = '', around = ''] = document.split('\n## Around a release\n');
const rows = rowsOf(document);

const count = (state: string, among = rowsOf(release)) =>
  among.filter((row) => row.state === state).length;
const playedShare = (100 * count('played')) / (count('played') + count('not played'));

/** Titles as the text of a test file has them, whatever quotes are around. */
function hasTest(path: string, title: string): boolean {
  const text = readFileSync(join(root, path), 'utf8');
  const plain = text.replaceAll("\\'", "'").replaceAll('\\"', '"').replaceAll('\\`', '`');
  return ["'", '"', '`'].some((quote) => plain.includes(`${quote}${title}${quote}`));
}

/** `file › title` of a played behaviour; several are parted by `; `. */
function missingTests({ proof }: (typeof rows)[number]): string[] {
  return proof.split(/; (?=rehearsal\/|apps\/|cdk\/)/).filter((one) => {
    const [path = '', title] = one.split(' › ');
    return title === undefined || !existsSync(join(root, path)) || !hasTest(path, title);
  });
}

test('every behaviour has one of the states, and a test or a reason', () => {
  const wrong = rows.filter(
    ({ cells, state, proof }) => cells !== 3 || !STATES.includes(state) || proof === '',
  );
  expect(wrong).toEqual([]);
  expect(rows.length).toBeGreaterThan(200);
});

test('no behaviour is listed twice', () => {
  const names = rows.map(({ behaviour }) => behaviour);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('every behaviour that counts as played names tests that exist', () => {
  const missing = rows
    .filter(({ state }) => state === 'played')
    .flatMap((row) => missingTests(row).map((proof) => `${row.behaviour}: ${proof}`));
  expect(missing).toEqual([]);
});

test('what is played of what a release can express is no less than the document states', () => {
  const stated = /at least \*\*(\d+) %\*\*/.exec(document)?.[1];
  expect(Number(stated)).toBeGreaterThan(0);
  process.stdout.write(
    `FIDELITY.md: ${count('played')} played, ${count('accepted')} accepted, ${count('not played')} not played, ` +
      `${count('not expressible')} not expressible; ${playedShare.toFixed(1)} % of what can be played is; ` +
      `around a release: ${count('played', rowsOf(around))} played, ${count('not played', rowsOf(around))} not played\n`,
  );
  expect(playedShare).toBeGreaterThanOrEqual(Number(stated));
});
