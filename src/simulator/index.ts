export { newKeyPair } from './host/ssh/host-key.js';
export { createForwarder, type Forwarder, type ForwarderOptions } from './forwarder.js';
export { combineFaults, faults } from './faults.js';
export { createSimulatedHost } from './simulated-host.js';
export type {
  AlertRuleSettings,
  Fault,
  FaultHooks,
  ShippedRecord,
  SimulatedHost,
  SimulatedHostOptions,
  WindowsEvent,
} from './types.js';
