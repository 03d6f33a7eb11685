import { jest } from '@jest/globals';
import { BuildFixture } from '../_helpers/build-fixture';

// Real shells, on a machine that may be busy.
jest.setTimeout(60_000);

let fixture: BuildFixture;
beforeEach(async () => {
  fixture = await BuildFixture.create();
});
afterEach(() => fixture.remove());

describe('a buildspec of version 0.1', () => {
  test('has a shell for each command, and names variables in its own way', async () => {
    const { status } = await fixture.build(`
version: 0.1
environment_variables:
  plaintext:
    GREETING: hello
phases:
  build:
    commands:
      - mkdir deep && cd deep && export GREETING=lost NAME=lost
      - echo "$GREETING $NAME in $(basename "$PWD" | grep -c deep)"
      - cd deep && echo "one after && the other in $(basename "$PWD")"
`);
    expect(status).toBe('SUCCEEDED');
    expect(fixture.log).toEqual(
      expect.arrayContaining(['hello  in 0', 'one after && the other in deep']),
    );
  });

  test('fails with the first command that does, and post_build still knows', async () => {
    const result = await fixture.build(`
version: 0.1
phases:
  build: { commands: [exit 4, echo never] }
  post_build: { commands: ['echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"'] }
`);
    expect(result.failure).toContain(
      'Error while executing command: exit 4. Reason: exit status 4',
    );
    expect(fixture.log).toContain('succeeding: 0');
    expect(fixture.log).not.toContain('never');
  });
});
