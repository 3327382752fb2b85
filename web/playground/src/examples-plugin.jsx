import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

import { examples } from './examples.js';

// The browser remembers a reader's tabs, so an example that was closed or changed would be gone
// for good. This pane lists them all and opens any of them again as it was.
function ExamplesPane() {
  const { tabs, queryEditor, variableEditor } = useGraphiQL(({ tabs, queryEditor, variableEditor }) => ({
    tabs,
    queryEditor,
    variableEditor,
  }));
  const { addTab, changeTab } = useGraphiQLActions();

  function open({ query, variables }) {
    const at = tabs.findIndex((tab) => tab.query === query);
    if (at >= 0) {
      changeTab(at);
      return;
    }
    addTab();
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables ?? '');
  }

  return (
    <section className="versme-examples" aria-label="Examples">
      <h2>Examples</h2>
      <p>Each opens in a tab. Change it as you like, and run it with the button or Ctrl-Enter.</p>
      <ul>
        {examples.map((example) => (
          <li key={example.name}>
            <button type="button" onClick={() => open(example)}>
              <b>{example.name}</b>
              <span>{example.about}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

const Icon = (props) => (
  <svg height="1em" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" {...props}>
    <path d="M9 18h6M10 21h4M8.5 15a6 6 0 1 1 7 0v1h-7z" />
  </svg>
);

export const EXAMPLES_PLUGIN = { title: 'Examples', icon: Icon, content: ExamplesPane };
