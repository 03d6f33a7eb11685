import { parseDockerfile } from '../../../src/containers/process/dockerfile';

const read = (text: string) => parseDockerfile(text, 'Dockerfile');

it('reads stages with their names, and what stands before the first FROM', () => {
  const { globalArgs, stages } = read(
    'ARG V=22\nFROM node:$V AS Build\nRUN a\nFROM scratch\nCMD x',
  );
  expect(globalArgs).toMatchObject([{ keyword: 'ARG', text: 'V=22', line: 1 }]);
  expect(stages).toMatchObject([
    { name: 'build', from: { line: 2 }, instructions: [{ keyword: 'RUN' }] },
    { name: undefined, from: { line: 4 }, instructions: [{ keyword: 'CMD', line: 5 }] },
  ]);
});

it('joins continued lines, without the comments and empty lines between them', () => {
  const { stages } = read('FROM a\nRUN one && \\\n  # why\n\n  two\nrun three');
  expect(stages[0]!.instructions.map(({ text }) => text)).toEqual(['one &&   two', 'three']);
  expect(stages[0]!.instructions[1]).toMatchObject({ keyword: 'RUN', line: 6 });
});

it('takes flags apart from the arguments', () => {
  const { stages } = read('FROM a\nCOPY --from=b --chown=1:1 --link x y');
  expect(stages[0]!.instructions[0]).toMatchObject({
    flags: [
      { name: 'from', value: 'b' },
      { name: 'chown', value: '1:1' },
      { name: 'link', value: 'true' },
    ],
    text: 'x y',
  });
});

it('knows the exec form from the shell form', () => {
  const { stages } = read('FROM a\nCMD ["node", "a b.js"]\nCMD [node]');
  expect(stages[0]!.instructions.map(({ json }) => json)).toEqual([['node', 'a b.js'], undefined]);
});

it('honours the escape directive', () => {
  const { stages } = read('# escape=`\nFROM a\nRUN one `\n  two');
  expect(stages[0]!.instructions[0]!.text).toBe('one   two');
});

it('says where an instruction is out of place, and that a file is empty', () => {
  expect(() => read('\nRUN a\nFROM b')).toThrow('Dockerfile:2: RUN stands before the first FROM');
  expect(() => read('# nothing')).toThrow('Dockerfile has no FROM instruction');
});
