const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** An ISO 8601 duration of days, hours, minutes and seconds, in milliseconds; throws a RangeError for anything else. */
export function parseDuration(text: string): number {
  const [found, days = '0', hours = '0', minutes = '0', seconds = '0'] =
    /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text) ?? [];
  if (found === undefined) throw new RangeError(`'${text}' is not a duration such as PT30S, PT5M or P1D.`);
  return (
    Number(days) * dayMs + Number(hours) * hourMs + Number(minutes) * minuteMs + Number(seconds) * secondMs
  );
}
