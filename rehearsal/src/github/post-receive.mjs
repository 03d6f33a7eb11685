// Git's post-receive hook: hands the pushed refs (`old new ref` lines) to the rehearsal's GitHub.
// Plain JavaScript without dependencies, because git starts it.
const [url, token] = process.argv.slice(2);
let pushed = '';
for await (const chunk of process.stdin.setEncoding('utf8')) pushed += chunk;
const response = await fetch(url, {
  method: 'POST',
  headers: { authorization: `Bearer ${token}` },
  body: pushed,
});
if (!response.ok) {
  console.error(await response.text());
  process.exitCode = 1;
}
