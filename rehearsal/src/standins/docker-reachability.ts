import { withIpv4Names } from '../containers/image-reference';
import type { Standin, StandinCall } from './standin';

const REGISTRY = /^\d{12}\.dkr\.ecr\./;

/**
 * Lets `docker` reach private registries of ECR only where the caller's network leads to them, and
 * to S3, where the layers are. What else it fetches, this machine does.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
 */
export function withReachability(docker: Standin): Standin {
  return (call) => {
    const failure = connectionFailure(call);
    if (failure === undefined) return docker(call);
    call.stderr(failure);
    return Promise.resolve({ exitCode: 1 });
  };
}

function connectionFailure({ argv, session }: StandinCall): string | undefined {
  const { barrierTo } = session;
  const command = argv.find((word) => ['login', 'push', 'pull'].includes(word));
  if (barrierTo === undefined || command === undefined) return undefined;
  const host = argv
    .map((word) => withIpv4Names(word.replace(/^https:\/\//, '')).split('/')[0] ?? '')
    .find((candidate) => REGISTRY.test(candidate));
  if (host === undefined) return undefined;
  const services = command === 'login' ? ['ecr.dkr'] : ['ecr.dkr', 's3'];
  const barrier = services.map(barrierTo).find((missing) => missing !== undefined);
  return (
    barrier &&
    `Error response from daemon: Get "https://${host}/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers) (${barrier})\n`
  );
}
