import { withoutSigterm, withProgram } from '../../../src/scenarios/commits/container-program';

const program = (dockerfile: string) => {
  const [line = ''] = dockerfile.split('\n').filter((text) => text.startsWith('ENTRYPOINT ["sh"'));
  return (JSON.parse(line.replace('ENTRYPOINT ', '')) as string[])[2];
};

it('gives the last stage another program, whatever it ran before', () => {
  expect(withProgram('FROM node\nENTRYPOINT ["a"]\nCMD ["b"]\n', ['node', '-e', '"x"'])).toBe(
    'FROM node\nENTRYPOINT ["a"]\nCMD ["b"]\n\nENTRYPOINT ["node","-e","\\"x\\""]\nCMD []\n',
  );
});

it.each([
  ['exec form', 'CMD ["node", "main.js"]', 'node main.js'],
  ['shell form', 'CMD node main.js --fast', 'node main.js --fast'],
  ['an entry point with a command', 'ENTRYPOINT ["node"]\nCMD ["main.js"]', 'node main.js'],
  ['a word with a blank', 'CMD ["node", "my app.js"]', "node 'my app.js'"],
  ['an instruction over two lines', 'CMD ["node", \\\n  "main.js"]', 'node main.js'],
  ['the last command of several', 'CMD ["a"]\nCMD ["b"]', 'b'],
])('hides SIGTERM from a program in %s', (_, instruction, line) => {
  const dockerfile = withoutSigterm(`FROM node AS build\nCMD ["no"]\nFROM node\n${instruction}\n`);
  expect(program(dockerfile!)).toBe(`trap '' TERM; ${line} & wait $!`);
});

it('does not guess what a base image runs', () => {
  expect(
    withoutSigterm('FROM node AS build\nCMD ["no"]\nFROM nginx\nCOPY . /srv\n'),
  ).toBeUndefined();
});
