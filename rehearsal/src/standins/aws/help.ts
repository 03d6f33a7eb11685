import { type Operation, optionName } from './operation';

/** What `aws help`, `aws <service> help` and `aws <service> <command> help` print. */
export function helpText(operations: readonly Operation[], words: readonly string[]): string {
  const [service, command] = words;
  const chosen = operations.filter(
    (operation) =>
      (service === undefined || operation.service === service) &&
      (command === undefined || operation.command === command),
  );
  const lines = chosen.map(synopsis);
  return ['This is the rehearsal in the place of the AWS CLI. It plays:', '', ...lines, ''].join(
    '\n',
  );
}

function synopsis({ service, command, members }: Operation): string {
  const options = Object.entries(members).map(([key, { optional, kind }]) => {
    const option = `--${optionName(key)}${kind === 'boolean' ? '' : ` <${kind}>`}`;
    return optional ? `[${option}]` : option;
  });
  return ['  aws', service, command, ...options].join(' ');
}
