import styles from "./Spark.module.css";

interface SparkProps {
  values: readonly number[];
  /** What it shows, in words. */
  label: string;
  width?: number;
  height?: number;
}

/** The corners of a line through `values`, in a box of `width` × `height`, 2 px inside it. */
export function sparkPoints(values: readonly number[], width: number, height: number): string {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return values
    .map((value, index) => {
      const x = 2 + (index / Math.max(1, values.length - 1)) * (width - 4);
      const y = span === 0 ? height / 2 : height - 2 - ((value - low) / span) * (height - 4);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

/** A line without axes, beside its last number: how it went, not how much it is. */
export function Spark({ values, label, width = 64, height = 20 }: SparkProps) {
  if (values.length < 2) return null;
  const points = sparkPoints(values, width, height);
  const [x, y] = points.split(" ").at(-1)?.split(",") ?? [];
  return (
    <svg className={styles.spark} width={width} height={height} role="img" aria-label={label}>
      <polyline points={points} />
      <circle cx={x} cy={y} r={2} />
    </svg>
  );
}
