import { RehearsalError } from '../../errors';
import { spawnProcess } from '../../process/spawn-process';
import { OutputLines } from '../output-lines';
import { type Instruction, notPlayed } from './dockerfile';
import { splitWords } from './dockerfile-words';
import { environmentOnHost, hostPath } from './image-files';
import { reasonNotToRun } from './run-step-rules';
import type { Stage } from './stage';

/** RUN: the command runs on this machine, in the stage's working directory. */
export async function runStep(stage: Stage, instruction: Instruction): Promise<void> {
  const { dockerfile, output, ledger } = stage.build;
  checkRun(stage, instruction);
  const [program = '', ...args] = instruction.json ?? [...stage.shell, instruction.text];
  const [stdout, stderr] = [new OutputLines(output), new OutputLines(output)];
  const child = await spawnProcess(program, args, {
    cwd: hostPath(stage.root, stage.workingDirectory),
    env: stepEnvironment(stage),
    onStdout: (text) => stdout.push(text),
    onStderr: (text) => stderr.push(text),
    ...(ledger !== undefined && { ledger }),
  });
  const { exitCode, signal } = await child.exited;
  stdout.end();
  stderr.end();
  // What the step left running has no place in an image.
  child.kill('SIGKILL');
  if (exitCode === 0) return;
  throw new RehearsalError(
    'BuildStepFailed',
    `${dockerfile}:${instruction.line}: process "${[program, ...args].join(' ')}" did not complete successfully: ${
      exitCode === undefined ? `killed by ${signal ?? 'a signal'}` : `exit code: ${exitCode}`
    }`,
  );
}

function checkRun(stage: Stage, instruction: Instruction): void {
  const { dockerfile } = stage.build;
  stage.checkFlags(instruction, ['mount']);
  for (const { value } of instruction.flags) {
    // A cache only makes the step faster; the other kinds bring files that are not there.
    if (splitWords(value).join('').split(',').includes('type=cache')) continue;
    throw notPlayed(dockerfile, instruction, `RUN --mount=${value}`);
  }
  if (/<<-?["']?\w/.test(instruction.text)) {
    throw notPlayed(dockerfile, instruction, 'a here-document');
  }
  const reason = reasonNotToRun(instruction.json?.join(' ') ?? instruction.text);
  if (reason !== undefined) throw notPlayed(dockerfile, instruction, reason);
}

/** ARG and ENV over this machine's PATH, proxy and certificates. */
function stepEnvironment(stage: Stage): Record<string, string> {
  // Where `npm install --global` puts things: into the image, not into this machine.
  const globals = hostPath(stage.root, '/usr/local');
  const own = Object.entries({ ...stage.args, ...stage.environment }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const environment: Record<string, string> = {
    ...stage.build.environment,
    ...environmentOnHost(stage.root, Object.fromEntries(own)),
    npm_config_prefix: globals,
  };
  environment['PATH'] = `${globals}/bin:${environment['PATH'] ?? ''}`;
  return environment;
}
