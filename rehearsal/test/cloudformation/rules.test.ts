import { deployTemplate } from './deploy-template';

const template = (Rules: object) => ({
  Parameters: { Stage: { Type: 'String', Default: 'prod' }, Certificate: { Type: 'String' } },
  Rules,
  Resources: {},
});

const certificateInProduction = {
  CertificateInProduction: {
    RuleCondition: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    Assertions: [
      {
        Assert: { 'Fn::Not': [{ 'Fn::Contains': [['', 'none'], { Ref: 'Certificate' }] }] },
        AssertDescription: 'production needs a certificate',
      },
    ],
  },
};

test('parameters that violate a rule are refused with the words of the template', () => {
  expect(() =>
    deployTemplate(template(certificateInProduction), { parameters: { Certificate: 'none' } }),
  ).toThrow(
    "Stack 'Stack': the parameters violate rule 'CertificateInProduction' of the template: production needs a certificate.",
  );
});

test('a rule holds when its condition does not, or its assertions do', () => {
  const deploy = (parameters: Record<string, string>) =>
    deployTemplate(template(certificateInProduction), { parameters }).name;

  expect(deploy({ Certificate: 'none', Stage: 'dev' })).toBe('Stack');
  expect(deploy({ Certificate: 'arn:aws:acm:x' })).toBe('Stack');
});

test('a rule about all members of a list looks at each', () => {
  const onlyTwoZones = {
    Zones: {
      Assertions: [
        { Assert: { 'Fn::EachMemberIn': [{ 'Fn::Split': [',', { Ref: 'Stage' }] }, ['a', 'b']] } },
      ],
    },
  };
  const deploy = (Stage: string) =>
    deployTemplate(template(onlyTwoZones), { parameters: { Certificate: 'x', Stage } });

  expect(deploy('a,b').name).toBe('Stack');
  expect(() => deploy('a,c')).toThrow("violate rule 'Zones'");
});
