import 'graphiql/setup-workers/vite';

// One by one, and not graphiql/style.css, which carries half a megabyte of fonts.
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './theme.css';

import { DOC_EXPLORER_PLUGIN } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { useGraphiQL } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';

import { examples } from './examples.js';
import { EXAMPLES_PLUGIN } from './examples-plugin.jsx';
import { fetcher } from './fetcher.js';

// Room for the query: of the editor's height, the variables take a sixth until the reader draws the line elsewhere.
try {
  localStorage['graphiql:secondaryEditorFlex'] ??= '5';
} catch {
  // A browser that keeps nothing for this site. GraphiQL does without, and so do we.
}

// GraphiQL compares these by identity: made anew on each render, they would undo the reader's choice.
const plugins = [EXAMPLES_PLUGIN, HISTORY_PLUGIN];
// The documentation stands open, except where it would leave no room for the query.
const visiblePlugin = window.innerWidth < 800 ? undefined : DOC_EXPLORER_PLUGIN;

// The examples explain themselves in sentences, which GraphiQL would let run out of sight.
function WrapLines() {
  const editor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => editor?.updateOptions({ wordWrap: 'on' }), [editor]);
  return null;
}

createRoot(document.getElementById('playground')).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={examples}
    defaultQuery=""
    defaultEditorToolsVisibility="variables"
    referencePlugin={DOC_EXPLORER_PLUGIN}
    visiblePlugin={visiblePlugin}
    plugins={plugins}
    schemaDescription
    inputValueDeprecation
  >
    <GraphiQL.Logo>
      <a href="../">Versmė</a>
    </GraphiQL.Logo>
    <WrapLines />
  </GraphiQL>,
);
