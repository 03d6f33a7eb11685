/**
 * Variables of the person's environment that a child process may see: what programs need to run,
 * to find a proxy and to trust its certificate. Everything else stays outside, above all AWS_*
 * and HOME with its ~/.aws, so that a rehearsal can never reach a real account.
 */
const ALLOWED = [
  /^PATH$/,
  /^(LANG|LC_[A-Z]+|TZ|TERM|COLORTERM|NO_COLOR|FORCE_COLOR)$/,
  /^(TMPDIR|TMP|TEMP)$/,
  /^(https?|no|all)_proxy$/i,
  /^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|GIT_SSL_CAINFO|CURL_CA_BUNDLE)$/,
  /^npm_config_(registry|cache|cafile)$/i,
];

/**
 * The environment of a child: the allowed part of `parent`, `home` as its HOME, metadata service
 * switched off, and `extra` on top.
 */
export function childEnvironment(
  parent: Readonly<Record<string, string | undefined>>,
  home: string,
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const allowed = Object.entries(parent).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && ALLOWED.some((pattern) => pattern.test(entry[0])),
  );
  return {
    ...Object.fromEntries(allowed),
    HOME: home,
    // https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
    AWS_EC2_METADATA_DISABLED: 'true',
    // Files that do not exist: an SDK or CLI that ignores HOME still finds no account.
    AWS_CONFIG_FILE: `${home}/.aws/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${home}/.aws/credentials`,
    GIT_CONFIG_NOSYSTEM: '1',
    ...extra,
  };
}
