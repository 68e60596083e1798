import { Anchor, Button, Progress, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Fault, isApiError } from "@/client/errors";
import { Seal } from "./Seal";
import styles from "./states.module.css";
import { useFormat } from "./useFormat";

/** True once `ms` have passed: what comes sooner needs no skeleton. */
export function useLate(ms = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}

/** A skeleton of the real layout, shown after 150 ms. `lines`: their widths in percent. */
export function Loading({
  lines = [60, 90, 80],
  height = 14,
}: {
  lines?: number[];
  height?: number;
}) {
  const { t } = useTranslation("design");
  const late = useLate();
  return (
    <div className={styles.loading} aria-busy="true" role="status">
      <span className={styles.hidden}>{t("loading")}</span>
      {late &&
        lines.map((width, index) => (
          <Skeleton key={index} height={height} width={`${width}%`} radius="sm" />
        ))}
    </div>
  );
}

interface EmptyProps {
  title: string;
  /** What this is, and what it is for. */
  children?: ReactNode;
  /** One action. */
  action?: ReactNode;
}

export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className={styles.empty}>
      <span className={styles.mark}>
        <Seal size={36} />
      </span>
      <div className={styles.emptyTitle}>{title}</div>
      {children && <div className={styles.emptyText}>{children}</div>}
      {action}
    </div>
  );
}

/** Message and remedy of any error, in the reader's language. */
export function useErrorWords(): (error: unknown) => {
  message: string;
  remedy: string;
  faults: Fault[];
} {
  const { t } = useTranslation("design");
  return (error) => {
    if (isApiError(error)) {
      if (error.status === 0) {
        return { message: t("error.offline"), remedy: t("error.offlineRemedy"), faults: [] };
      }
      return {
        message: error.body.message || t("error.unexpected", { status: error.status }),
        remedy: error.body.remedy || t("error.unexpectedRemedy"),
        faults: error.body.faults,
      };
    }
    return { message: t("error.broken"), remedy: t("error.brokenRemedy"), faults: [] };
  };
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  /** In a form or panel: one compact block. */
  inline?: boolean;
}

/** What happened, why, what to do. Every error of the API is shown by this one component. */
export function ErrorState({ error, onRetry, inline }: ErrorStateProps) {
  const { t } = useTranslation("design");
  const { message, remedy, faults } = useErrorWords()(error);
  const offline = isApiError(error) && error.status === 0;
  const Icon = offline ? IconCloudOff : IconAlertTriangle;
  return (
    <div className={styles.error} data-inline={inline || undefined} role="alert">
      <Icon size={18} stroke={1.8} aria-hidden="true" />
      <div className={styles.errorWords}>
        <div className={styles.errorMessage}>{message}</div>
        <div className={styles.errorRemedy}>{remedy}</div>
        {faults.length > 0 && (
          <ul className={styles.faults}>
            {faults.map((fault) => (
              <li key={`${fault.path}:${fault.code}`}>
                {fault.message}
                {fault.path && <code className={styles.path}>{fault.path}</code>}
                {fault.remedy && <div className={styles.errorRemedy}>{fault.remedy}</div>}
              </li>
            ))}
          </ul>
        )}
        {onRetry && (
          <Anchor component="button" type="button" size="sm" onClick={onRetry}>
            {t("retry")}
          </Anchor>
        )}
      </div>
    </div>
  );
}

/** What is missing, while the rest is shown. */
export function Partial({ children, onRetry }: { children: ReactNode; onRetry?: () => void }) {
  const { t } = useTranslation("design");
  return (
    <div className={styles.partial} role="status">
      <IconAlertTriangle size={16} stroke={1.8} aria-hidden="true" />
      <span>{children}</span>
      {onRetry && (
        <Anchor component="button" type="button" size="sm" onClick={onRetry}>
          {t("retry")}
        </Anchor>
      )}
    </div>
  );
}

interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** Loading, error or the children, for one query. */
export function Ready<T>({
  query,
  lines,
  children,
}: {
  query: QueryLike<T>;
  lines?: number[];
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ErrorState error={query.error} onRetry={() => query.refetch()} />;
  return <Loading lines={lines} />;
}

interface LongWorkProps {
  label: string;
  /** Done so far and in all; null when it is not known. */
  done: number | null;
  total: number | null;
  onCancel?: () => void;
}

/** Long work: its progress with count, and a way to stop it. */
export function LongWork({ label, done, total, onCancel }: LongWorkProps) {
  const { t } = useTranslation("design");
  const format = useFormat();
  const share = done !== null && total && total > 0 ? Math.min(100, (done / total) * 100) : null;
  return (
    <div className={styles.work} role="status">
      <div className={styles.workHead}>
        <span>{label}</span>
        <span className="tabular">
          {total === null || done === null
            ? done !== null && format.number(done)
            : t("progress", { done: format.number(done), total: format.number(total) })}
        </span>
        {onCancel && (
          <Button variant="subtle" size="compact-sm" onClick={onCancel}>
            {t("cancel")}
          </Button>
        )}
      </div>
      <Progress
        value={share ?? 100}
        animated={share === null}
        striped={share === null}
        size={6}
        aria-label={label}
      />
    </div>
  );
}
