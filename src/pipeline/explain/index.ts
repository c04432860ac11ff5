export { explainExecution, type Search, type Story, type StoryRecord } from './explain.js';
export { storyText } from './text.js';
