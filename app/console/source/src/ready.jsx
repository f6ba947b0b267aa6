import {
  Button,
  MarkdownContent,
  pick,
  useGraphiQL,
  useGraphiQLActions,
} from '@graphiql/react';

/** A pane listing the ready tabs, so that a closed or edited one is a click away. */
export const readyTabsPlugin = (readyTabs) => ({
  title: 'Ready tabs',
  icon: BookmarkIcon,
  content: () => <ReadyTabs readyTabs={readyTabs} />,
});

function ReadyTabs({ readyTabs }) {
  const { addTab, changeTab } = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL(
    pick('tabs', 'queryEditor', 'variableEditor'),
  );

  const open = ({ query, variables }) => {
    const opened = tabs.findIndex((tab) => tab.query === query);
    if (opened >= 0) {
      changeTab(opened);
      return;
    }
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables ?? '');
  };

  return (
    <section aria-label="Ready tabs">
      <div className="graphiql-doc-explorer-title">Ready tabs</div>
      <ul className="ready-tabs">
        {readyTabs.map((tab) => (
          <li key={tab.title}>
            <Button type="button" onClick={() => open(tab)}>
              {tab.title}
            </Button>
            <MarkdownContent type="description">{tab.summary}</MarkdownContent>
          </li>
        ))}
      </ul>
    </section>
  );
}

const BookmarkIcon = (props) => (
  <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" {...props}>
    <path strokeLinejoin="round" d="M6 3.5h12v17l-6-4.5-6 4.5z" />
  </svg>
);
