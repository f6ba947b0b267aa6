import './workers.js';

import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import mark from './mark.svg';
import { readyTabsPlugin } from './ready.jsx';
import { storage } from './storage.js';

const { title, endpoint, headers, tabs } = JSON.parse(
  document.getElementById('configuration').textContent,
);
const fetcher = createGraphiQLFetcher({ url: new URL(endpoint, location.href).href });
const plugins = [HISTORY_PLUGIN, explorerPlugin(), readyTabsPlugin(tabs)];
const defaultHeaders = headers && JSON.stringify(headers, null, 2);

createRoot(document.getElementById('console')).render(
  <GraphiQL
    fetcher={fetcher}
    plugins={plugins}
    storage={storage}
    defaultTabs={tabs.map((tab) => ({ ...tab, headers: defaultHeaders }))}
    defaultHeaders={defaultHeaders}
    defaultEditorToolsVisibility={false}
    schemaDescription
  >
    <GraphiQL.Logo>
      <span className="brand">
        <img src={mark} alt="" /> {title}
      </span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
