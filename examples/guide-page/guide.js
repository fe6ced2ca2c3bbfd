// What a front end needs to understand `onething-guide/1`: docs/guide-format.md.

/** Whether a test of the format holds for answers such as { signboard: true, seats: 40 }. */
export function holds(test, answers) {
  if (typeof test === "boolean") return test;
  if ("not" in test) return !holds(test.not, answers);
  if ("all" in test) return test.all.every((part) => holds(part, answers));
  if ("any" in test) return test.any.some((part) => holds(part, answers));
  // Without an answer every comparison is false.
  if (!Object.hasOwn(answers, test.question)) return false;
  const answer = answers[test.question];
  if ("in" in test) return test.in.includes(answer);
  switch (test.is) {
    case "equal": return answer === test.value;
    case "not_equal": return answer !== test.value;
    case "less": return answer < test.value;
    case "at_most": return answer <= test.value;
    case "greater": return answer > test.value;
    case "at_least": return answer >= test.value;
  }
  throw new Error(`not a test of onething-guide/1: ${JSON.stringify(test)}`);
}

/** Whether a part of the form is part of the case; `when: null` is always. */
export const applies = (part, answers) => part.when === null || holds(part.when.test, answers);

/** The questions that are asked, with the answers that count, up to the first without one. */
export function asked(guide, given) {
  const answers = {};
  const questions = [];
  for (const question of guide.questions) {
    if (!applies(question, answers)) continue;
    questions.push(question);
    if (!Object.hasOwn(given, question.key)) return { questions, answers, next: question };
    answers[question.key] = given[question.key];
  }
  return { questions, answers, next: null };
}

/** Why these answers cannot go together; null: they can. */
export function impossible(guide, answers) {
  const rule = guide.impossible.find((rule) => holds(rule.when.test, answers));
  return rule ? rule.because : null;
}

/** What remains of the form for these answers. */
export function remains(guide, answers) {
  const here = (part) => applies(part, answers);
  const data = (list) => list.filter(here).map((item) => ({
    ...guide.data.find((datum) => datum.field === item.field),
    required: holds(item.required, answers),
  }));
  return {
    matters: guide.matters.filter(here),
    steps: guide.steps.filter(here),
    forms: guide.forms.filter(here).map((form) => ({
      ...form, fields: data(form.fields), materials: data(form.materials),
    })),
    fetched: guide.fetched.filter(here).map((look) => ({ ...look, fields: data(look.fields) })),
    results: guide.results.filter(here),
  };
}
