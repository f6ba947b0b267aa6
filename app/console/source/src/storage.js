// Other GraphiQL pages on the same host keep their tabs under the bare names.
const PREFIX = 'creditgraph:';

export const storage = {
  get length() {
    return ownKeys().length;
  },
  getItem: (key) => localStorage.getItem(PREFIX + key),
  setItem: (key, value) => localStorage.setItem(PREFIX + key, value),
  removeItem: (key) => localStorage.removeItem(PREFIX + key),
  clear: () => ownKeys().forEach((key) => localStorage.removeItem(key)),
};

const ownKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
