import { randomBytes, randomUUID } from 'node:crypto';
import type { DeployedResources } from '../cloudformation/deployed-resource';

/** The elastic network interface of a task. */
export interface TaskNetworkInterface {
  readonly attachmentId: string;
  readonly networkInterfaceId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly privateIPv4Address: string;
  readonly macAddress: string;
}

interface Subnet {
  readonly id: string;
  readonly availabilityZone: string;
  readonly base: number;
  readonly size: number;
  next: number;
}

/** AWS keeps the first four addresses of a subnet and the last one (vpc/latest/userguide/subnet-sizing.html). */
const FIRST_HOST = 4;

/** Gives tasks private addresses out of the subnets' CIDR blocks, as awsvpc networking does. */
export class TaskNetwork {
  private readonly subnets = new Map<string, Subnet>();
  private readonly inUse = new Set<string>();

  constructor(
    private readonly resources: DeployedResources,
    private readonly region: string,
  ) {}

  /**
   * An interface in one of the subnets: in the Availability Zone that holds the fewest of `peers`.
   *
   * @param peers Availability Zones of the tasks to spread against
   */
  attach(subnetIds: readonly string[], peers: readonly string[]): TaskNetworkInterface {
    const subnets = subnetIds.map((id, index) => this.subnet(id, index));
    const crowd = ({ availabilityZone }: Subnet) =>
      peers.filter((zone) => zone === availabilityZone).length;
    const subnet = subnets.reduce((best, other) => (crowd(other) < crowd(best) ? other : best));
    const address = this.nextAddress(subnet);
    this.inUse.add(address);
    return {
      attachmentId: randomUUID(),
      networkInterfaceId: `eni-0${randomBytes(8).toString('hex')}`,
      subnetId: subnet.id,
      availabilityZone: subnet.availabilityZone,
      privateIPv4Address: address,
      macAddress: ['02', ...(randomBytes(5).toString('hex').match(/../g) ?? [])].join(':'),
    };
  }

  detach({ privateIPv4Address }: TaskNetworkInterface): void {
    this.inUse.delete(privateIPv4Address);
  }

  private nextAddress(subnet: Subnet): string {
    for (let tries = 0; tries < subnet.size; tries += 1) {
      const address = dotted(subnet.base + subnet.next);
      subnet.next = subnet.next + 1 >= subnet.size - 1 ? FIRST_HOST : subnet.next + 1;
      if (!this.inUse.has(address)) return address;
    }
    throw new Error(`subnet ${subnet.id} has no free address`);
  }

  private subnet(id: string, index: number): Subnet {
    const known = this.subnets.get(id);
    if (known !== undefined) return known;
    const resource = this.resources.find('AWS::EC2::Subnet', id);
    const { base, size } = cidrBlock(resource?.properties['CidrBlock']);
    const zone = resource?.properties['AvailabilityZone'];
    const subnet: Subnet = {
      id,
      availabilityZone:
        typeof zone === 'string' ? zone : `${this.region}${'abc'.charAt(index % 3)}`,
      base,
      size,
      next: FIRST_HOST,
    };
    this.subnets.set(id, subnet);
    return subnet;
  }
}

/** A subnet that no template of this assembly defines gets addresses of 10.0.0.0/24. */
function cidrBlock(value: unknown): { base: number; size: number } {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(
    typeof value === 'string' ? value : '10.0.0.0/24',
  );
  const [a = 10, b = 0, c = 0, d = 0, prefix = 24] = (match ?? []).slice(1).map(Number);
  return { base: ((a * 256 + b) * 256 + c) * 256 + d, size: 2 ** (32 - prefix) };
}

function dotted(address: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(address / unit) % 256).join('.');
}
