import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseOptions } from '../src/options';
import { scratchDirectory } from './_helpers/scratch-directory';

const context = { repository: resolve('/'), cwd: process.cwd() };
const parse = (...argv: string[]) => parseOptions(argv, context);

it('rehearses this repository at true speed when nothing is asked for', () => {
  expect(parse()).toEqual({
    scenarios: [],
    list: false,
    engine: undefined,
    project: context.repository,
    assembly: undefined,
    speed: 1,
    rps: 20,
    report: resolve('rehearsal-report'),
    allowUnplayed: [],
    parameters: {},
    smtp: undefined,
  });
});

it('takes every option of the contract', () => {
  expect(
    parse(
      ...['--scenario', 'release', '--scenario', 'crash', '--engine', 'process', '--project', '.'],
      ...['--assembly', '.', '--speed', '10', '--rps', '5.5', '--report', 'out'],
      ...['--allow-unplayed', 'AWS::X::Y', '--parameter', 'A=1', '--parameter', 'B=x=y'],
      ...['--smtp', '[::1]:1025'],
    ),
  ).toMatchObject({
    scenarios: ['release', 'crash'],
    engine: 'process',
    project: process.cwd(),
    assembly: process.cwd(),
    speed: 10,
    rps: 5.5,
    report: resolve('out'),
    allowUnplayed: ['AWS::X::Y'],
    parameters: { A: '1', B: 'x=y' },
    smtp: { host: '::1', port: 1025 },
  });
});

it.each([
  [['--speed', '0'], "argument '0' is invalid. Expected a number from 1 to 100."],
  [['--rps', 'many'], "argument 'many' is invalid. Expected a number from 1 to 1000."],
  [['--engine', 'podman'], 'Allowed choices are docker, process.'],
  [['--parameter', 'novalue'], 'Expected NAME=value.'],
  [['--project', 'no-such-place'], "--project: there is no directory '"],
  [['--assembly', fileURLToPath(import.meta.url)], "--assembly: there is no directory '"],
  [['--report', fileURLToPath(import.meta.url)], "test.ts' is a file, not a directory."],
  [
    ['--report', join(fileURLToPath(import.meta.url), 'report')],
    '(ENOTDIR). Name a directory that',
  ],
  [['--smtp', 'mail.example.com:25'], 'Expected a port of this machine, e.g. 127.0.0.1:1025.'],
  [['--sped', '2'], "unknown option '--sped'"],
  [['release'], 'too many arguments'],
])('refuses %j with one clear message', (argv, message) => {
  expect(() => parse(...argv)).toThrow(message);
});

const hasProc = existsSync('/proc/self');
(hasProc ? it : it.skip)('says at once that a report cannot be written where nothing can', () => {
  expect(() => parse('--report', '/proc/report/of/mine')).toThrow(
    "--report: nothing can be written to '/proc/report/of/mine' (",
  );
});

const scratch = scratchDirectory();

it('leaves nothing behind where the report will go', () => {
  parse('--report', join(scratch, 'some', 'where'));
  expect(existsSync(join(scratch, 'some'))).toBe(false);
});

it('prints help for --help', () => {
  expect(parse('--help')).toEqual({ help: expect.stringContaining('--scenario <name>') });
});
