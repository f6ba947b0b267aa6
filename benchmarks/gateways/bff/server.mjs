// What a team writes itself in a few days: graphql-yoga, four fetch functions, and a sum.
// PORT, PROVIDERS (a URL), PEOPLE (a JSON file: who is who at the providers), HTTP_CLIENT (fetch or
// undici), CACHE_MS (keep whole answers for so long; 0: no response cache).

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';

const PROVIDERS = process.env.PROVIDERS;
const PEOPLE = JSON.parse(readFileSync(process.env.PEOPLE, 'utf8'));
const CACHE_MS = Number(process.env.CACHE_MS ?? 0);

const VTEX = `${PROVIDERS}/vtex/api`;
const ADOBE = `${PROVIDERS}/adobe/rest/default/V1`;
const MEDUSA = `${PROVIDERS}/medusa/admin`;
const JSON_BOTH_WAYS = { accept: 'application/json', 'content-type': 'application/json' };
const VTEX_HEADERS = {
  ...JSON_BOTH_WAYS,
  'x-vtex-api-appkey': 'key',
  'x-vtex-api-apptoken': 'token',
};
const ADOBE_HEADERS = { ...JSON_BOTH_WAYS, authorization: 'Bearer token' };
const MEDUSA_HEADERS = { ...JSON_BOTH_WAYS, authorization: 'Basic sk_key' };

async function withFetch(url, options) {
  const response = await fetch(url, options);
  if (!response.ok) throw new Error(`a provider answered ${response.status}`);
  return response.json();
}

async function withUndici() {
  const { Agent, request } = await import('undici');
  const dispatcher = new Agent({ connections: 100 });
  return async (url, options) => {
    const { statusCode, body } = await request(url, { ...options, dispatcher });
    if (statusCode !== 200) throw new Error(`a provider answered ${statusCode}`);
    return body.json();
  };
}

const read = process.env.HTTP_CLIENT === 'undici' ? await withUndici() : withFetch;

async function creditAccounts(email) {
  const query = `from=1&to=20&email=${encodeURIComponent(email)}`;
  const url = `${VTEX}/creditcontrol/accounts?${query}`;
  return (await read(url, { headers: VTEX_HEADERS })).data;
}

async function invoices(email) {
  const [account] = await creditAccounts(email);
  const url = `${VTEX}/creditcontrol/accounts/${account.id}/invoices?from=1&to=50`;
  return (await read(url, { headers: VTEX_HEADERS })).data;
}

async function giftCards(email) {
  const { items } = await read(`${VTEX}/giftcards/_search`, {
    method: 'POST',
    headers: { ...VTEX_HEADERS, 'REST-Range': 'resources=0-49' },
    body: JSON.stringify({
      cart: {
        grandTotal: 0,
        relationName: null,
        redemptionCode: '',
        discounts: 0,
        shipping: 0,
        taxes: 0,
        items: [],
        itemsTotal: 0,
      },
      client: { id: '', email, document: '' },
    }),
  });
  return Promise.all(items.map(({ id }) => ofCard(id)));
}

const ofCard = (...path) =>
  read(`${VTEX}/giftcards/${path.join('/')}`, { headers: VTEX_HEADERS });

async function transactions(card) {
  const references = await ofCard(card.id, 'transactions');
  return Promise.all(references.map(({ id }) => transaction(card, id)));
}

async function transaction(card, id) {
  const [told, settled, cancelled] = await Promise.all([
    ofCard(card.id, 'transactions', id),
    ofCard(card.id, 'transactions', id, 'settlements'),
    ofCard(card.id, 'transactions', id, 'cancellations'),
  ]);
  return { ...told, settled: sum(settled, 'value'), cancelled: sum(cancelled, 'value') };
}

async function companyCredit(email) {
  const { company } = PEOPLE[email];
  const [credit, { status }] = await Promise.all([
    read(`${ADOBE}/companyCredits/company/${company}`, { headers: ADOBE_HEADERS }),
    read(`${ADOBE}/company/${company}?fields=id,status`, { headers: ADOBE_HEADERS }),
  ]);
  return { ...credit, blocked: status !== 1 };
}

async function storeCredit(email) {
  const { medusa } = PEOPLE[email];
  const query = `customer_id=${medusa}&limit=100&offset=0&order=id&fields=-customer`;
  const url = `${MEDUSA}/store-credit-accounts?${query}`;
  return (await read(url, { headers: MEDUSA_HEADERS })).store_credit_accounts;
}

const cents = (amount) => Math.round(amount * 100);
const decimal = (inCents) => (inCents / 100).toFixed(2);
const sum = (list, member) => decimal(list.reduce((all, one) => all + cents(one[member]), 0));

async function spendable(email) {
  const [accounts, cards, credit, store] = await Promise.all([
    creditAccounts(email),
    giftCards(email),
    companyCredit(email),
    storeCredit(email),
  ]);
  const now = new Date();
  const lines = [
    ...accounts.map((one) => line('vtex.customer-credit', creditLine(one))),
    ...cards.map((one) =>
      line('vtex.giftcard', new Date(one.expiringDate) > now ? cents(one.balance) : 0),
    ),
    line('adobe.company-credit', credit.blocked ? 0 : Math.max(0, cents(credit.available_limit))),
    ...store.map((one) => line('medusa.store-credit', Math.max(0, cents(one.balance)))),
  ];
  const total = lines.reduce((all, one) => all + one.inCents, 0);
  return { total: decimal(total), lines };
}

const line = (source, inCents) => ({ source, inCents, amount: decimal(inCents) });

function creditLine({ status, availableCredit, availableBalance }) {
  return status === 'Open' ? Math.max(0, cents(Math.min(availableCredit, availableBalance))) : 0;
}

const schema = createSchema({
  typeDefs: /* GraphQL */ `
    type Query {
      customer(email: String!): Customer!
    }
    type Customer {
      spendable: Spendable!
      invoices: [Invoice!]!
      giftCards: [GiftCard!]!
    }
    type Spendable {
      total: String!
      lines: [Line!]!
    }
    type Line {
      source: String!
      amount: String!
    }
    type Invoice {
      number: String!
      status: String!
      amount: String!
      dueAt: String!
    }
    type GiftCard {
      maskedCode: String!
      balance: String!
      expiresAt: String!
      transactions: [Transaction!]!
    }
    type Transaction {
      operation: String!
      amount: String!
      occurredAt: String!
      settled: String!
      cancelled: String!
    }
  `,
  resolvers: {
    Query: { customer: (_, { email }) => ({ email }) },
    Customer: {
      spendable: ({ email }) => spendable(email),
      invoices: ({ email }) => invoices(email),
      giftCards: ({ email }) => giftCards(email),
    },
    Invoice: {
      number: ({ friendlyId, id }) => friendlyId ?? id,
      amount: ({ value }) => decimal(cents(value)),
      dueAt: ({ dueDate }) => dueDate,
    },
    GiftCard: {
      maskedCode: ({ redemptionCode }) => `****${redemptionCode.slice(-4)}`,
      balance: ({ balance }) => decimal(cents(balance)),
      expiresAt: ({ expiringDate }) => expiringDate,
      transactions,
    },
    Transaction: {
      amount: ({ value }) => decimal(cents(value)),
      occurredAt: ({ date }) => date,
    },
  },
});

async function responseCache() {
  const { useResponseCache } = await import('@graphql-yoga/plugin-response-cache');
  return useResponseCache({ session: () => null, ttl: CACHE_MS });
}

const yoga = createYoga({
  schema,
  logging: false,
  graphiql: false,
  plugins: CACHE_MS ? [await responseCache()] : [],
});
createServer(yoga).listen(Number(process.env.PORT), '127.0.0.1');
