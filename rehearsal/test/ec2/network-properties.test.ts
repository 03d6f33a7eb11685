import fc from 'fast-check';
import { outside } from '../../src/ec2/connection-end';
import { contains, firstAndLastHost, prefixLength } from '../../src/ec2/ip-ranges';
import { allows } from '../../src/ec2/network-acl-steps';
import type { AclEntryProperties, RouteProperties } from '../../src/ec2/network-definitions';
import type { NetworkModel, SecurityGroupRule } from '../../src/ec2/network-model';
import { verdictOn } from '../../src/ec2/path-step';
import { mostSpecificRoute } from '../../src/ec2/route-steps';
import { securityGroupSteps } from '../../src/ec2/security-group-steps';
import { tcp } from '../../src/ec2/transport-port';

const address = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  .map((octets) => octets.join('.'));
const block = fc.tuple(address, fc.nat(32)).map(([base, bits]) => `${base}/${bits}`);

/** The first `bits` of an address, for a second opinion. */
const bitsOf = (text: string, bits: number) =>
  text
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('')
    .slice(0, bits);

describe('address blocks', () => {
  test('hold exactly the addresses that begin with the same bits', () => {
    fc.assert(
      fc.property(block, address, (range, one) => {
        const [base = '', bits = ''] = range.split('/');
        expect(contains(range, one)).toBe(bitsOf(base, Number(bits)) === bitsOf(one, Number(bits)));
      }),
    );
  });

  test('hold the first and the last address that AWS gives to interfaces', () => {
    fc.assert(
      fc.property(block, (range) => {
        expect(firstAndLastHost(range).every((one) => contains(range, one))).toBe(true);
      }),
    );
    expect(firstAndLastHost('10.0.1.0/24')).toEqual(['10.0.1.4', '10.0.1.254']);
  });

  test('of IPv6 hold IPv6 addresses only, and what is no block holds nothing', () => {
    expect(contains('2001:db8::/32', '2001:db8::17')).toBe(true);
    expect(contains('::/0', '10.0.0.1')).toBe(false);
    expect(contains('0.0.0.0/0', '2001:db8::17')).toBe(false);
    expect(contains('vpc', '10.0.0.1')).toBe(false);
  });
});

describe('routes', () => {
  const route = (to: string): RouteProperties => ({
    RouteTableId: 'rtb-1',
    DestinationCidrBlock: to,
  });

  test('the most specific of those that match decides, in whatever order they stand', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), address, (blocks, one) => {
        const found = mostSpecificRoute(blocks.map(route), new Map(), one)?.DestinationCidrBlock;
        const matching = blocks.filter((range) => contains(range, one));
        if (found === undefined) return expect(matching).toEqual([]);
        expect(contains(found, one)).toBe(true);
        expect(prefixLength(found)).toBe(Math.max(...matching.map(prefixLength)));
      }),
    );
  });

  test('a prefix list leads to each of its blocks', () => {
    const lists = new Map([['pl-1', ['192.0.2.0/24']]]);
    const toList = { RouteTableId: 'rtb-1', DestinationPrefixListId: 'pl-1', NatGatewayId: 'nat' };

    expect(mostSpecificRoute([route('0.0.0.0/0'), toList], lists, '192.0.2.9')).toBe(toList);
    expect(mostSpecificRoute([toList], lists, '198.51.100.9')).toBeUndefined();
  });
});

describe('security groups', () => {
  const rule = fc.record({
    protocol: fc.constantFrom('tcp', '6', 'udp', '-1', 'icmp'),
    fromPort: fc.option(fc.nat(65_535), { nil: undefined }),
    toPort: fc.option(fc.nat(65_535), { nil: undefined }),
    cidr: fc.option(fc.oneof(block, fc.constant('0.0.0.0/0'), fc.constant('::/0')), {
      nil: undefined,
    }),
    groupId: fc.option(fc.constantFrom('sg-peer', 'sg-other'), { nil: undefined }),
    prefixListId: fc.option(fc.constantFrom('pl-known', 'pl-unknown'), { nil: undefined }),
  });

  const admits = (rules: readonly SecurityGroupRule[], from: string, port: number) => {
    const model: NetworkModel = {
      vpcs: new Map(),
      subnets: new Map(),
      securityGroups: new Map([
        ['sg-own', { id: 'sg-own', name: 'Own', ingress: rules, egress: [] }],
      ]),
      natGateways: new Map(),
      internetGateways: new Map(),
      egressOnlyGateways: new Map(),
      endpoints: [],
      prefixLists: new Map([['pl-known', ['192.0.2.0/24']]]),
    };
    const owner = { ...outside('it'), securityGroupIds: ['sg-own'] };
    const peer = { ...outside('a peer', [from]), securityGroupIds: ['sg-peer'] };
    return verdictOn(securityGroupSteps(model, owner, 'ingress', peer, tcp(port))).reachable;
  };

  test('one more rule never takes away what the others allow', () => {
    fc.assert(
      fc.property(fc.array(rule), rule, address, fc.nat(65_535), (rules, more, from, port) => {
        if (admits(rules, from, port)) expect(admits([...rules, more], from, port)).toBe(true);
      }),
    );
  });

  test('the order of the rules does not matter, and without rules nobody gets in', () => {
    fc.assert(
      fc.property(fc.array(rule), address, fc.nat(65_535), (rules, from, port) => {
        expect(admits([...rules].reverse(), from, port)).toBe(admits(rules, from, port));
      }),
    );
    expect(admits([], '192.0.2.1', 80)).toBe(false);
  });

  test.each([
    ['a port range', { protocol: 'tcp', fromPort: 3000, toPort: 3010, cidr: '0.0.0.0/0' }, true],
    ['a range beside the port', { protocol: 'tcp', fromPort: 1, toPort: 2999 }, false],
    ['every protocol', { protocol: '-1', cidr: '0.0.0.0/0' }, true],
    ['another protocol', { protocol: 'udp', fromPort: 3000, toPort: 3000 }, false],
    ['IPv6 only', { protocol: '-1', cidr: '::/0' }, false],
    ['the group of the peer', { protocol: '-1', cidr: undefined, groupId: 'sg-peer' }, true],
    ['another group', { protocol: '-1', cidr: undefined, groupId: 'sg-other' }, false],
    ['a list with it', { protocol: '-1', cidr: undefined, prefixListId: 'pl-known' }, true],
  ])('a rule for %s', (_, given, expected) => {
    const complete: SecurityGroupRule = {
      fromPort: undefined,
      toPort: undefined,
      cidr: '0.0.0.0/0',
      groupId: undefined,
      prefixListId: undefined,
      ...given,
    };

    expect(admits([complete], '192.0.2.7', 3000)).toBe(expected);
  });
});

describe('network ACLs', () => {
  const entry = (RuleNumber: number, RuleAction: 'allow' | 'deny', CidrBlock: string) =>
    ({
      NetworkAclId: 'acl-1',
      RuleNumber,
      RuleAction,
      CidrBlock,
      Protocol: -1,
      Egress: false,
    }) satisfies AclEntryProperties;

  test('the first entry that matches decides', () => {
    const entries = [
      entry(100, 'deny', '192.0.2.0/24'),
      entry(200, 'allow', '0.0.0.0/0'),
      entry(300, 'deny', '0.0.0.0/0'),
    ];

    expect(allows(entries, false, '198.51.100.1', tcp(80))).toBe(true);
    expect(allows(entries, false, '192.0.2.1', tcp(80))).toBe(false);
  });

  test('what no entry mentions is denied, the other direction too', () => {
    expect(allows([], false, '192.0.2.1', tcp(80))).toBe(false);
    expect(allows([entry(100, 'allow', '0.0.0.0/0')], true, '192.0.2.1', tcp(80))).toBe(false);
  });
});
