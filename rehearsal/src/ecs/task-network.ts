import { randomBytes, randomUUID } from 'node:crypto';
import type { DeployedResources } from '../cloudformation/deployed-resource';
import { type AddressBlock, addressBlock, addressOf } from '../ip-address';

/** The elastic network interface of a task. */
export interface TaskNetworkInterface {
  readonly attachmentId: string;
  readonly networkInterfaceId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  /** Its private IPv4 address, or that of IPv6 in a subnet without IPv4; target groups have it */
  readonly address: string;
  readonly macAddress: string;
}

interface Subnet {
  readonly id: string;
  readonly availabilityZone: string;
  readonly block: AddressBlock;
  next: bigint;
}

/** AWS keeps the first four addresses of a subnet and the last one (vpc/latest/userguide/subnet-sizing.html). */
const FIRST_HOST = 4n;

/** A subnet that no template of this assembly defines gets addresses of 10.0.0.0/24. */
const UNKNOWN_BLOCK: AddressBlock = { version: 4, first: 10n << 24n, size: 256n, prefix: 24 };

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
      address,
      macAddress: ['02', ...(randomBytes(5).toString('hex').match(/../g) ?? [])].join(':'),
    };
  }

  detach({ address }: TaskNetworkInterface): void {
    this.inUse.delete(address);
  }

  private nextAddress(subnet: Subnet): string {
    const { block, id } = subnet;
    for (let tries = 0n; tries < block.size; tries += 1n) {
      const address = addressOf(block.first + subnet.next, block.version);
      subnet.next = subnet.next + 1n >= block.size - 1n ? FIRST_HOST : subnet.next + 1n;
      if (!this.inUse.has(address)) return address;
    }
    throw new Error(`subnet ${id} has no free address`);
  }

  private subnet(id: string, index: number): Subnet {
    const known = this.subnets.get(id);
    if (known !== undefined) return known;
    const properties = this.resources.find('AWS::EC2::Subnet', id)?.properties ?? {};
    const { CidrBlock, Ipv6CidrBlock, AvailabilityZone: zone } = properties;
    // Only a subnet without IPv4 gives addresses of IPv6 away: with both, ECS registers that of IPv4.
    const text = [CidrBlock, Ipv6CidrBlock].find((block) => typeof block === 'string');
    const block = addressBlock(text ?? '') ?? UNKNOWN_BLOCK;
    const subnet: Subnet = {
      id,
      availabilityZone:
        typeof zone === 'string' ? zone : `${this.region}${'abc'.charAt(index % 3)}`,
      block,
      next: FIRST_HOST,
    };
    this.subnets.set(id, subnet);
    return subnet;
  }
}
