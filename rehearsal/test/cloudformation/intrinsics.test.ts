import fc from 'fast-check';
import { evaluated } from './deploy-template';

const Resources = {
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'goods' } },
  Balancer: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: { SecurityGroups: ['sg-1', 'sg-2'] },
  },
};

describe('Ref and Fn::GetAtt', () => {
  test('refer to resources, parameters and pseudo parameters', () => {
    const value = [
      { Ref: 'Bucket' },
      { Ref: 'Size' },
      { Ref: 'AWS::Region' },
      { Ref: 'AWS::AccountId' },
      { Ref: 'AWS::Partition' },
      { Ref: 'AWS::StackName' },
      { Ref: 'AWS::URLSuffix' },
    ];
    const Parameters = { Size: { Type: 'Number', Default: 3 } };

    expect(evaluated(value, { Resources, Parameters })).toEqual([
      'goods',
      '3',
      'eu-west-1',
      '000000000000',
      'aws',
      'Stack',
      'amazonaws.com',
    ]);
  });

  test('an attribute can be asked for as a list or with a dot', () => {
    const value = [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, { 'Fn::GetAtt': 'Bucket.Arn' }];

    expect(evaluated(value, { Resources })).toEqual(['arn:aws:s3:::goods', 'arn:aws:s3:::goods']);
  });

  test('an attribute can be a list', () => {
    const value = { 'Fn::Join': [',', { 'Fn::GetAtt': ['Balancer', 'SecurityGroups'] }] };

    expect(evaluated(value, { Resources })).toBe('sg-1,sg-2');
  });

  test('AWS::NoValue removes the property or the list item', () => {
    const nothing = { Ref: 'AWS::NoValue' };

    expect(evaluated({ kept: 1, gone: nothing, list: [nothing, 2] })).toEqual({
      kept: 1,
      list: [2],
    });
  });

  test('a name that does not exist is an error at its place', () => {
    expect(() => evaluated({ deep: [{ Ref: 'Backet' }] }, { Resources })).toThrow(
      "Stack 'Stack', Resources.Subject.Properties.Value.deep.0.Ref: there is no resource or parameter named 'Backet'",
    );
  });

  test('an attribute that the type does not have is an error that lists those it has', () => {
    expect(() => evaluated({ 'Fn::GetAtt': ['Bucket', 'Colour'] }, { Resources })).toThrow(
      /no value for attribute 'Colour' of AWS::S3::Bucket 'Bucket'\. It has Arn, DomainName/,
    );
  });
});

describe('functions on texts and lists', () => {
  test('Fn::Join, Fn::Select, Fn::Split, Fn::Base64 and Fn::Length work inside each other', () => {
    const split = { 'Fn::Split': ['/', 'a/b/c'] };

    expect(evaluated({ 'Fn::Join': ['-', split] })).toBe('a-b-c');
    expect(evaluated({ 'Fn::Select': ['1', split] })).toBe('b');
    expect(evaluated({ 'Fn::Length': split })).toBe(3);
    expect(evaluated({ 'Fn::Base64': { 'Fn::Select': [0, split] } })).toBe('YQ==');
    expect(evaluated({ 'Fn::ToJsonString': { list: split } })).toBe('{"list":["a","b","c"]}');
  });

  test('joining what was split gives the text back', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (text, delimiter) => {
        fc.pre(!text.includes('{{resolve:') && !delimiter.includes('{{resolve:'));
        expect(evaluated({ 'Fn::Join': [delimiter, { 'Fn::Split': [delimiter, text] }] })).toBe(
          text,
        );
      }),
    );
  });

  test('a text without placeholders is left alone by Fn::Sub', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes('${') && !text.includes('{{resolve:'));
        expect(evaluated({ 'Fn::Sub': text })).toBe(text);
      }),
    );
  });

  test('Fn::Sub takes resources, attributes, its own variables, and leaves ${!Literal}', () => {
    const text = '${Bucket} ${Bucket.Arn} ${AWS::Region} ${Own} ${!Literal}';

    expect(evaluated({ 'Fn::Sub': [text, { Own: { Ref: 'Bucket' } }] }, { Resources })).toBe(
      'goods arn:aws:s3:::goods eu-west-1 goods ${Literal}',
    );
  });

  test('a variable whose value looks like a placeholder is not evaluated again', () => {
    expect(evaluated({ 'Fn::Sub': ['${Own}', { Own: '${Bucket}' }] })).toBe('${Bucket}');
  });

  test('selecting beyond the list says the index and the length', () => {
    expect(() => evaluated({ 'Fn::Select': [3, ['a', 'b']] })).toThrow(
      'Fn::Select cannot select nonexistent value at index 3 of 2 values',
    );
  });

  test('Fn::Cidr cuts a block as CloudFormation does', () => {
    expect(evaluated({ 'Fn::Cidr': ['10.0.0.0/16', 3, '8'] })).toEqual([
      '10.0.0.0/24',
      '10.0.1.0/24',
      '10.0.2.0/24',
    ]);
    expect(() => evaluated({ 'Fn::Cidr': ['10.0.0.0/24', 3, 8] })).toThrow('cannot cut');
  });

  test('Fn::Cidr cuts the block of IPv6 that a VPC gets from Amazon', () => {
    const Vpc = { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } };
    const block = { 'Fn::Select': [0, { 'Fn::GetAtt': ['Vpc', 'Ipv6CidrBlocks'] }] };

    expect(evaluated({ 'Fn::Cidr': [block, 2, 64] }, { Resources: { Vpc } })).toEqual([
      expect.stringMatching(/^2001:db8:[0-9a-f]{1,4}::\/64$/),
      expect.stringMatching(/^2001:db8:[0-9a-f]{1,4}:1::\/64$/),
    ]);
    expect(() => evaluated({ 'Fn::Cidr': ['2001:db8::/56', 257, 64] })).toThrow('cannot cut');
  });

  test('Fn::GetAZs names zones of the region', () => {
    expect(evaluated({ 'Fn::Select': [1, { 'Fn::GetAZs': '' }] })).toBe('eu-west-1b');
  });

  test('Fn::FindInMap finds, and says what it did not find', () => {
    const Mappings = { Sizes: { 'eu-west-1': { cpu: 256 } } };
    const find = (key: string) => ({ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, key] });

    expect(evaluated(find('cpu'), { Mappings })).toBe(256);
    expect(() => evaluated(find('ram'), { Mappings })).toThrow(
      'Mappings has nothing at Sizes / eu-west-1 / ram',
    );
  });
});

describe('conditions', () => {
  const Parameters = { Stage: { Type: 'String', Default: 'prod' } };
  const Conditions = {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsDev: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsDev' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsDev' }] },
  };
  const choose = (condition: string) =>
    evaluated({ 'Fn::If': [condition, 'yes', 'no'] }, { Parameters, Conditions });

  test('Fn::If follows Fn::Equals, Fn::Not, Fn::And and Fn::Or', () => {
    expect(['IsProd', 'IsDev', 'Both', 'Either'].map(choose)).toEqual(['yes', 'no', 'no', 'yes']);
  });

  test('only the chosen side is evaluated', () => {
    const value = { 'Fn::If': ['IsProd', 'yes', { Ref: 'Nowhere' }] };

    expect(evaluated(value, { Parameters, Conditions })).toBe('yes');
  });

  test('a condition that asks for itself is named', () => {
    const circle = {
      A: { 'Fn::Not': [{ Condition: 'B' }] },
      B: { 'Fn::Not': [{ Condition: 'A' }] },
    };

    expect(() => evaluated({ 'Fn::If': ['A', 1, 2] }, { Conditions: circle })).toThrow(
      "Circular dependency in condition 'A'",
    );
  });

  test('a condition that the template lacks is named', () => {
    expect(() => choose('IsTest')).toThrow("there is no condition named 'IsTest'");
  });
});

describe('what cannot be evaluated', () => {
  test('an unknown function is named with stack, resource and property', () => {
    expect(() => evaluated({ deep: { 'Fn::Transform': { Name: 'Include' } } })).toThrow(
      /Stack 'Stack', Resources\.Subject\.Properties\.Value\.deep: the rehearsal cannot evaluate 'Fn::Transform' here\. It can evaluate Ref, Fn::GetAtt/,
    );
  });

  test('a function beside other keys is an error, not data', () => {
    expect(() => evaluated({ 'Fn::Join': ['', []], other: 1 })).toThrow(
      'Fn::Join must stand alone',
    );
  });

  test('a function with the wrong arguments says what it got', () => {
    expect(() => evaluated({ 'Fn::Join': ['-'] })).toThrow(
      'Value.Fn::Join: expected a list of 2 arguments, got ["-"]',
    );
  });

  test('keys that only look like functions are data', () => {
    expect(evaluated({ Ref: 'x', Other: 1 })).toEqual({ Ref: 'x', Other: 1 });
    expect(evaluated({ Condition: { StringEquals: { a: 'b' } } })).toEqual({
      Condition: { StringEquals: { a: 'b' } },
    });
  });
});
