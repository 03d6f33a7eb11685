import { readAudit } from '../../release/dependency-audit';

const advisory = (name: string, severity: string) => ({
  source: 1,
  name,
  title: 'Everything is readable',
  url: `https://github.com/advisories/GHSA-${name}`,
  severity,
  range: '<4.17.21',
});

test('critical advisories are found once, wherever they are reached from', () => {
  const report = {
    auditReportVersion: 2,
    vulnerabilities: {
      express: { severity: 'critical', via: ['qs'] },
      qs: { severity: 'critical', via: [advisory('aaaa', 'critical'), advisory('bbbb', 'high')] },
      other: { severity: 'critical', via: [advisory('aaaa', 'critical')] },
    },
  };
  expect(readAudit(JSON.stringify(report), '')).toEqual({
    critical: [
      {
        id: 'GHSA-aaaa',
        about: expect.stringContaining('<4.17.21: Everything is readable'),
        url: 'https://github.com/advisories/GHSA-aaaa',
      },
    ],
  });
});

test('a report without vulnerabilities is an audit that found none', () => {
  expect(readAudit('{"auditReportVersion":2,"vulnerabilities":{}}', '')).toEqual({ critical: [] });
});

test.each([
  [
    'an endpoint that is not there',
    '{"message":"405 Method Not Allowed","error":{"summary":""}}',
    '',
  ],
  ['a registry that is not reached', '', 'npm error 405 Method Not Allowed'],
])('%s is no clean audit', (_, stdout, stderr) => {
  expect(readAudit(stdout, stderr)).toEqual({
    notAudited: expect.stringContaining('405 Method Not Allowed'),
  });
});
