// The four providers from their OpenAPI files, composed into one graph; PROVIDERS is their URL.

import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

const VTEX = { 'X-VTEX-API-AppKey': 'key', 'X-VTEX-API-AppToken': 'token' };
const SEARCH_IS_A_QUERY = {
  selectQueryOrMutationField: [{ fieldName: 'cards', type: 'query' }],
};

const provider = (name, path, operationHeaders, options) => ({
  sourceHandler: loadOpenAPISubgraph(name, {
    source: `./${name.replace('_', '-')}.json`,
    endpoint: process.env.PROVIDERS + path,
    operationHeaders,
    ...options,
  }),
});

export const composeConfig = defineConfig({
  subgraphs: [
    provider('vtex_credit', '/vtex', VTEX),
    provider('vtex_giftcard', '/vtex', { ...VTEX, 'REST-Range': 'resources=0-49' }, SEARCH_IS_A_QUERY),
    provider('adobe', '/adobe/rest/default', { Authorization: 'Bearer token' }),
    provider('medusa', '/medusa', { Authorization: 'Basic sk_key' }),
  ],
  additionalTypeDefs: /* GraphQL */ `
    extend type CreditAccount {
      invoices: Invoices
        @resolveTo(
          sourceName: "vtex_credit"
          sourceTypeName: "Query"
          sourceFieldName: "invoices"
          requiredSelectionSet: "{ id }"
          sourceArgs: { creditAccountId: "{root.id}", from: 1, to: 50 }
        )
    }
    extend type FoundCard {
      card: Card
        @resolveTo(
          sourceName: "vtex_giftcard"
          sourceTypeName: "Query"
          sourceFieldName: "card"
          requiredSelectionSet: "{ id }"
          sourceArgs: { cardId: "{root.id}" }
        )
    }
    extend type Card {
      transactions: [Reference]
        @resolveTo(
          sourceName: "vtex_giftcard"
          sourceTypeName: "Query"
          sourceFieldName: "transactions"
          requiredSelectionSet: "{ id }"
          sourceArgs: { cardId: "{root.id}" }
        )
    }
    extend type Reference {
      told: Transaction
        @resolveTo(
          sourceName: "vtex_giftcard"
          sourceTypeName: "Query"
          sourceFieldName: "transaction"
          requiredSelectionSet: "{ id cardId }"
          sourceArgs: { cardId: "{root.cardId}", transactionId: "{root.id}" }
        )
      settlements: [Movement]
        @resolveTo(
          sourceName: "vtex_giftcard"
          sourceTypeName: "Query"
          sourceFieldName: "settlements"
          requiredSelectionSet: "{ id cardId }"
          sourceArgs: { cardId: "{root.cardId}", transactionId: "{root.id}" }
        )
      cancellations: [Movement]
        @resolveTo(
          sourceName: "vtex_giftcard"
          sourceTypeName: "Query"
          sourceFieldName: "cancellations"
          requiredSelectionSet: "{ id cardId }"
          sourceArgs: { cardId: "{root.cardId}", transactionId: "{root.id}" }
        )
    }
  `,
});
