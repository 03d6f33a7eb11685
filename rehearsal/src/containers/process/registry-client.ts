import type { Caller } from '../../iam/authorizer';
import { ServiceException } from '../../service-exception';
import type { StandinCall } from '../../standins/standin';
import { type ImageReference, parseImageReference } from '../image-reference';
import { DockerRefusal, type DockerState, option, shortId } from './docker-state';

/** Actions that ECR checks when an image is pushed or pulled; authentication is checked before. */
const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
];
const PULL = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** The codes of the registry protocol as `docker` prints them. */
const PROTOCOL_WORDS: Readonly<Record<string, string>> = {
  RepositoryNotFoundException: 'name unknown',
  ImageTagAlreadyExistsException: 'tag invalid',
};

/** `docker login --username AWS --password-stdin HOST` */
export function login(state: DockerState, call: StandinCall, args: readonly string[]): void {
  const user = option(args, '--username', '-u');
  const password = option(user.rest, '--password', '-p');
  const host = password.rest.find((arg) => !arg.startsWith('-')) ?? 'https://index.docker.io/v1/';
  const secret = password.format ?? call.stdin.trim();
  const known = hostOf(host) === state.catalog.registryHost && user.format === 'AWS';
  if (!known || state.tokens.check(secret).status !== 'valid') {
    throw new DockerRefusal(
      `Error response from daemon: login attempt to https://${hostOf(host)}/v2/ failed with status: 400 Bad Request`,
    );
  }
  state.logins.set(loginKey(call, hostOf(host)), secret);
  call.stdout('Login Succeeded\n');
}

export function logout(
  state: DockerState,
  call: StandinCall,
  [host = '']: readonly string[],
): void {
  const removed = state.logins.delete(loginKey(call, hostOf(host)));
  call.stdout(`${removed ? 'Removing login credentials for' : 'Not logged in to'} ${host}\n`);
}

/** `docker push NAME[:TAG]` */
export function pushImage(state: DockerState, call: StandinCall, args: readonly string[]): void {
  const { name, reference } = wantedReference(args);
  const image = state.images.find(name);
  const { repositoryName, tag = 'latest' } = reference;
  const repository = `${reference.host ?? 'docker.io'}/${repositoryName}`;
  call.stdout(`The push refers to repository [${repository}]\n`);
  if (image === undefined) {
    throw new DockerRefusal(`An image does not exist locally with the tag: ${repository}`);
  }
  authorize(state, call, reference, PUSH);
  try {
    state.catalog.putImage({
      repositoryName,
      digest: image.id,
      tags: [tag],
      size: image.size,
    });
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    throw new DockerRefusal(`${PROTOCOL_WORDS[error.code] ?? 'denied'}: ${error.message}`);
  }
  state.pushed.set(`${repositoryName}@${image.id}`, image);
  call.stdout(`${shortId(image)}: Pushed\n${tag}: digest: ${image.id} size: ${image.size}\n`);
}

/** `docker pull NAME[:TAG|@DIGEST]` */
export function pullImage(state: DockerState, call: StandinCall, args: readonly string[]): void {
  const { name, reference } = wantedReference(args);
  authorize(state, call, reference, PULL);
  const { repositoryName, tag, digest } = reference;
  const stored = state.catalog.findImage(repositoryName, digest ?? tag ?? 'latest');
  const image = state.pushed.get(`${repositoryName}@${stored?.digest ?? ''}`);
  if (image === undefined) {
    throw new DockerRefusal(
      `Error response from daemon: manifest for ${name} not found: manifest unknown: Requested image not found`,
    );
  }
  if (digest === undefined) state.images.tag(name, image);
  call.stdout(`Digest: ${image.id}\nStatus: Downloaded newer image for ${name}\n${name}\n`);
}

function wantedReference(args: readonly string[]): { name: string; reference: ImageReference } {
  const { rest } = option(args, '--platform');
  const flag = rest.find((arg) => arg.startsWith('-') && arg !== '-q' && arg !== '--quiet');
  if (flag !== undefined) {
    throw new DockerRefusal(`docker: the option ${flag} is not played without Docker.`, 125);
  }
  const name = rest.find((arg) => !arg.startsWith('-')) ?? '';
  const reference = parseImageReference(name);
  if (reference === undefined) {
    throw new DockerRefusal(`invalid reference format: '${name}' is not the name of an image`);
  }
  return { name, reference };
}

/** @throws DockerRefusal when nobody logged in, or IAM does not allow what is needed */
function authorize(
  state: DockerState,
  call: StandinCall,
  { host, repositoryName }: ImageReference,
  actions: readonly string[],
): void {
  if (host !== state.catalog.registryHost) {
    throw new DockerRefusal(
      `docker: '${host ?? 'docker.io'}' is not played: a rehearsal reaches no registry but ${state.catalog.registryHost}.`,
      125,
    );
  }
  const caller = loggedIn(state, call, host);
  const { region, account } = call.session;
  const resource = `arn:aws:ecr:${region}:${account}:repository/${repositoryName}`;
  for (const action of actions) {
    const decision = state.authorizer.authorize({ caller, action, resource });
    if (!decision.allowed) throw new DockerRefusal(`denied: ${decision.message}`);
  }
}

function loggedIn(state: DockerState, call: StandinCall, host: string): Caller {
  const password = state.logins.get(loginKey(call, host));
  if (password === undefined) throw new DockerRefusal('no basic auth credentials');
  const check = state.tokens.check(password);
  if (check.status === 'valid') return check.caller;
  throw new DockerRefusal(
    'denied: Your authorization token has expired. Reauthenticate and try again.',
  );
}

/** Docker keeps logins in the person's configuration; two builds do not share one. */
function loginKey(call: StandinCall, host: string): string {
  return `${call.env['DOCKER_CONFIG'] ?? call.env['HOME'] ?? ''} ${JSON.stringify(call.session.caller)} ${host}`;
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}
