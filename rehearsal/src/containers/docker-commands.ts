/** Management commands and the short form that does the same. */
const SHORT_FORMS: Readonly<Record<string, string>> = {
  'buildx build': 'build',
  'buildx b': 'build',
  'builder build': 'build',
  'image build': 'build',
  'image inspect': 'inspect',
  'image ls': 'images',
  'image list': 'images',
  'image pull': 'pull',
  'image push': 'push',
  'image rm': 'rmi',
  'image tag': 'tag',
  'system info': 'info',
};

const MANAGEMENT = /^(builder|buildx|container|context|image|manifest|network|system|volume)$/;

/**
 * The command in `docker …` and its arguments: `image push x` and `push x` are both `push`.
 * Options before the command (`docker --context …`) become part of the name, and so are refused.
 */
export function normaliseDockerCommand(argv: readonly string[]): {
  readonly name: string;
  readonly args: readonly string[];
} {
  const [first = '', second = ''] = argv;
  if (first === '-v' || first === '--version') return { name: '--version', args: [] };
  if (!MANAGEMENT.test(first)) return { name: first, args: argv.slice(1) };
  const name = `${first} ${second}`.trim();
  return { name: SHORT_FORMS[name] ?? name, args: argv.slice(2) };
}
