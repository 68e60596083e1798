import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { usePages } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { groupQuery } from "./data";
import type { Person, Related, ShownField } from "./types";
import { useValue } from "./useValue";

const SHOWN = new Set(["birth_date", "phone", "email", "branch", "prefecture"]);

/** The group around a company: who stands above, who below. Nothing where it stands alone. */
export function GroupTree({ id }: { id: string }) {
  const { t } = useTranslation("customers");
  const group = useQuery(groupQuery(id));
  if (group.data?.items.length === 0) return null;
  return (
    <Section title={t("group.title")}>
      <Ready query={group} lines={[60, 70, 65]}>
        {(found) => (
          <>
            <ul className={styles.tree}>
              {found.items.map((one) => (
                <li
                  key={one.id}
                  style={{ paddingInlineStart: one.depth * 18 }}
                  data-depth={one.depth || undefined}
                  aria-current={one.itself ? "true" : undefined}
                >
                  {one.itself ? (
                    <span className={styles.itself}>{one.display}</span>
                  ) : one.seen ? (
                    <TextLink to="/customers/$customerId" params={{ customerId: one.id }}>
                      {one.display ?? one.key}
                    </TextLink>
                  ) : (
                    <span className="muted">{t("group.unseen")}</span>
                  )}
                </li>
              ))}
            </ul>
            {found.cut && (
              <p className={styles.quiet}>{t("group.cut", { count: found.items.length })}</p>
            )}
          </>
        )}
      </Ready>
    </Section>
  );
}

/** The persons of a company, as many as there are. */
export function PeoplePart({ person, related }: { person: Person; related: Related }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const write = useValue();
  const navigate = useNavigate();
  const source = usePages<Record<string, unknown>>(
    ["customer", person.id, "related", related.relation],
    async (offset, limit, signal) => {
      const found = await call<Related>(
        "GET",
        `/api/customers/${encodeURIComponent(person.id)}/related/${encodeURIComponent(related.relation)}`,
        { query: { offset, limit }, signal },
      );
      return { items: found.rows, total: found.total };
    },
  );
  const named = (field: ShownField) => SHOWN.has(field.meaning ?? "");
  const columns: Column<Record<string, unknown>>[] = [
    { id: "_display", header: t("name"), width: 180, cell: (row) => String(row._display ?? "") },
    ...related.fields.filter(named).map(
      (field): Column<Record<string, unknown>> => ({
        id: field.name,
        header: format.label(field.label),
        width: 160,
        cell: (row) => write(field, row[field.name]),
      }),
    ),
  ];
  return (
    <Section title={format.label(related.label)} aside={format.count(related.total, "people")}>
      <DataTable
        label={format.label(related.label)}
        source={source}
        columns={columns}
        rowId={(row) => String(row._id)}
        onOpen={(row) =>
          void navigate({
            to: "/customers/$customerId",
            params: { customerId: String(row._id) },
          })
        }
        height={Math.min(420, 44 + related.total * 40)}
      />
    </Section>
  );
}
