"""A small bank whose rows lead to persons in every way a catalog allows."""

from __future__ import annotations

CATALOG = """
datasets:
  person:
    label: {ja: 顧客, en: Person}
    kind: versioned
    subject: person
    key: person_id
    display: name
    source: {files: "person.csv"}
    fields:
      person_id: {type: string, label: {ja: 顧客番号, en: Number}}
      name: {type: string, label: {ja: 氏名, en: Name}, meaning: person_name, pii: low}
      email: {type: string, label: {ja: メール, en: E-mail}, meaning: email, pii: high}
      branch: {type: string, label: {ja: 支店, en: Branch}}
      introduced_by: {type: string, label: {ja: 紹介者, en: Introduced by}}
  branch:
    label: {ja: 支店, en: Branch}
    kind: current
    key: branch
    source: {files: "branch.csv"}
    fields:
      branch: {type: string, label: {ja: 支店, en: Branch}}
  account:
    label: {ja: 口座, en: Account}
    kind: current
    key: account_id
    source: {files: "account.csv"}
    fields:
      account_id: {type: integer, label: {ja: 口座番号, en: Number}}
      alias: {type: string, label: {ja: 愛称, en: Alias}}
  holder:
    label: {ja: 名義, en: Holder}
    kind: current
    key: [person_id, account_id]
    source: {files: "holder.csv"}
    fields:
      person_id: {type: string, label: {ja: 顧客番号, en: Person}}
      account_id: {type: integer, label: {ja: 口座番号, en: Account}}
  payment:
    label: {ja: 取引, en: Payment}
    kind: event
    key: payment_id
    time: {field: at, kind: occurred}
    event: {name: payment, of: {person: holders.account.payments}}
    source: {files: "payment.csv"}
    fields:
      payment_id: {type: integer, label: {ja: 番号, en: Number}}
      account_id: {type: integer, label: {ja: 口座番号, en: Account}}
      at: {type: timestamp, label: {ja: 日時, en: Time}}
      text: {type: string, label: {ja: 摘要, en: Text}}
  transfer:
    label: {ja: 振込, en: Transfer}
    kind: current
    key: transfer_id
    source: {files: "transfer.csv"}
    fields:
      transfer_id: {type: integer, label: {ja: 番号, en: Number}}
      sender: {type: string, label: {ja: 送り主, en: Sender}}
      receiver: {type: string, label: {ja: 受け取り, en: Receiver}}
  family:
    label: {ja: 続柄, en: Family}
    kind: current
    key: [one, other]
    source: {files: "family.csv"}
    fields:
      one: {type: string, label: {ja: 本人, en: One}}
      other: {type: string, label: {ja: 家族, en: Other}}
  company:
    label: {ja: 会社, en: Company}
    kind: current
    subject: company
    key: company_id
    source: {files: "company.csv"}
    fields:
      company_id: {type: string, label: {ja: 会社番号, en: Number}}
  job:
    label: {ja: 勤め先, en: Job}
    kind: current
    key: job_id
    source: {files: "job.csv"}
    fields:
      job_id: {type: integer, label: {ja: 番号, en: Number}}
      person_id: {type: string, label: {ja: 顧客番号, en: Person}}
      company_id: {type: string, label: {ja: 会社番号, en: Company}}
relations:
  - {from: family.one, to: person.person_id, name: person, inverse: family,
     label: {ja: 本人, en: One}, inverse_label: {ja: 家族, en: Family}}
  - {from: family.other, to: person.person_id, name: relative, inverse: family_of,
     label: {ja: 家族, en: Other}, inverse_label: {ja: 家族の側, en: Family of}}
  - {from: job.person_id, to: person.person_id, name: person, inverse: jobs,
     label: {ja: 顧客, en: Person}, inverse_label: {ja: 勤め先, en: Jobs}}
  - {from: job.company_id, to: company.company_id, name: company, inverse: jobs,
     label: {ja: 会社, en: Company}, inverse_label: {ja: 従業員, en: Jobs}}
  - {from: person.branch, to: branch.branch, name: branch_of, inverse: people,
     label: {ja: 支店, en: Branch}, inverse_label: {ja: 顧客, en: People}}
  - {from: person.introduced_by, to: person.person_id, name: introducer, inverse: introduced,
     label: {ja: 紹介者, en: Introducer}, inverse_label: {ja: 紹介, en: Introduced}}
  - {from: holder.person_id, to: person.person_id, name: person, inverse: holders,
     label: {ja: 顧客, en: Person}, inverse_label: {ja: 名義, en: Holders}}
  - {from: holder.account_id, to: account.account_id, name: account, inverse: holders,
     label: {ja: 口座, en: Account}, inverse_label: {ja: 名義, en: Holders}}
  - {from: payment.account_id, to: account.account_id, name: account, inverse: payments,
     label: {ja: 口座, en: Account}, inverse_label: {ja: 取引, en: Payments}}
  - {from: transfer.sender, to: person.person_id, name: from_person, inverse: sent,
     label: {ja: 送り主, en: Sender}, inverse_label: {ja: 送金, en: Sent}}
  - {from: transfer.receiver, to: person.person_id, name: to_person, inverse: received,
     label: {ja: 受取人, en: Receiver}, inverse_label: {ja: 入金, en: Received}}
"""

FILES = {
    "person.csv": "person_id,name,email,branch,introduced_by\n"
    "P1,葵 花子,hanako.aoi.7531@example.com,本店,\n"
    "P2,井上 次郎,jiro@example.com,本店,P1\n"
    "P3,上田 三郎,saburo@example.com,離島,P2\n",
    "branch.csv": "branch\n本店\n離島\n",
    "account.csv": "account_id,alias\n1,花子のへそくり\n2,ふたりの口座\n3,三郎\n",
    "holder.csv": "person_id,account_id\nP1,1\nP1,2\nP2,2\nP3,3\n",
    "payment.csv": "payment_id,account_id,at,text\n"
    "11,1,2026-01-01T00:00:00,花子の秘密の買物\n12,2,2026-01-01T00:00:00,家賃\n"
    "13,3,2026-01-01T00:00:00,三郎\n",
    "family.csv": "one,other\nP1,P2\nP2,P3\n",
    "company.csv": "company_id\nC1\n",
    "job.csv": "job_id,person_id,company_id\n41,P1,C1\n42,P3,C1\n",
    "transfer.csv": "transfer_id,sender,receiver\n21,P1,P1\n22,P1,P3\n23,P3,P2\n",
}
