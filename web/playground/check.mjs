// Uses the playground of a running hub as a reader would, in a real browser that can reach
// nothing but that hub, and says in one sentence what is wrong, if anything.
//
//	node check.mjs URL [SCREENSHOT.png] [--every-example]
//
// URL is the hub's, such as http://127.0.0.1:8080. The browser is $CHROMIUM or /usr/bin/chromium.
import { readFileSync, readdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const args = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const everyExample = process.argv.includes('--every-example');
const [hub, screenshot] = args;
if (!hub) {
  console.error('usage: node check.mjs URL [SCREENSHOT.png] [--every-example]');
  process.exit(2);
}
const origin = new URL(hub).origin;

const folder = new URL('./examples/', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.graphql'))
  .sort((a, b) => parseInt(a, 10) - parseInt(b, 10))
  .map((file) => /^query (\w+)/m.exec(readFileSync(new URL(file, folder), 'utf8'))[1]);

const problems = [];
const must = (ok, sentence) => {
  if (!ok) throw new Error(sentence);
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Beyond what the test itself stops: no other name has an address.
    `--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE ${new URL(hub).hostname}`,
  ],
});

let failure;
try {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en' });
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (url.origin === origin || url.protocol === 'data:' || url.protocol === 'blob:') return route.continue();
    problems.push(`The page asked for ${url.href}.`);
    return route.abort();
  });
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`The policy ${event.violatedDirective} forbids ${event.blockedURI || 'something inline'}.`);
    });
  });

  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/i.test(message.text()))
      problems.push(`The console says: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`The page failed: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.url()} answered ${response.status()}.`);
  });

  await page.goto(new URL('/playground/', hub).href);
  must((await page.title()) === 'Versmė', `The page is called “${await page.title()}”.`);

  // The examples are the tabs.
  const tab = (name) => page.getByRole('tablist').getByRole('button', { name, exact: true });
  await tab(names[0]).waitFor();
  for (const name of names) must(await tab(name).isVisible(), `There is no tab ${name}.`);
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  // Once the schema is here, the documentation lists its root types.
  await page.getByRole('region', { name: 'Documentation Explorer' }).getByText('Query', { exact: true }).waitFor();

  // The first example runs, and, if asked, so do the others.
  for (const name of everyExample ? names : names.slice(0, 1)) {
    await tab(name).click();
    await page.waitForTimeout(500); // as a hand would: GraphiQL takes a moment to read which operation it is
    const answered = page.waitForResponse(
      (response) => response.url() === `${origin}/graphql` && response.request().postDataJSON()?.query?.includes(`query ${name}`),
    );
    await page.getByRole('button', { name: /^Execute query/ }).click();
    const answer = await (await answered).json();
    must(!answer.errors, `${name} gives errors: ${JSON.stringify(answer.errors)}`);
    must(answer.data, `${name} gives no data: ${JSON.stringify(answer)}`);
    await page.locator('.graphiql-response .view-lines').getByText('"data"').waitFor();
  }
  if (everyExample) await tab(names[0]).click();

  // The documentation describes a type.
  const docs = page.getByRole('region', { name: 'Documentation Explorer' });
  await docs.getByText('Query', { exact: true }).click();
  await docs.getByRole('link', { name: 'SearchConnection!' }).or(docs.getByText('SearchConnection', { exact: true })).first().click();
  await docs.getByText('facets', { exact: true }).first().waitFor();
  const description = (await docs.locator('.graphiql-markdown-description').allInnerTexts()).join(' ').trim();
  must(description.length > 20, 'The documentation of SearchConnection describes nothing.');

  if (screenshot) await page.screenshot({ path: screenshot });

  // The editor knows the schema: its workers run.
  await page.getByRole('button', { name: 'New tab' }).click();
  await page.locator('.graphiql-query-editor .monaco-editor').click();
  await page.keyboard.type('{ sear');
  await page.locator('.suggest-widget').getByText('search', { exact: true }).first().waitFor();
  const workers = page.workers().map((worker) => worker.url());
  must(workers.some((url) => url.includes('/graphql.worker')), `The GraphQL worker does not run; these do: ${workers}.`);
  await page.keyboard.press('Escape');

  // An example that was closed comes back from the list of examples.
  await page.getByRole('button', { name: 'Show Examples' }).click();
  const list = page.getByRole('region', { name: 'Examples', exact: true });
  must((await list.getByRole('button').count()) === names.length, 'The list of examples is not complete.');
  await list.getByRole('button', { name: names.at(-1) }).click();
  await page.getByRole('tab', { name: names.at(-1), selected: true }).waitFor();
} catch (error) {
  failure = error;
}
await browser.close();

if (failure) problems.push(failure.message.replace(/\x1b\[\d+m/g, '').trim());
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`The playground at ${origin} works: ${names.length} examples, documentation, completion, and no request to anywhere else.`);
