"""The dashboard: pages made here, for people; the same work and the same permissions as the API's.

How a page is added, in files of its own:

1. A view in `views/`: an async function that is given a `Visit` (who looks, in which language, names of the
   path, query, `visit.service`) and returns what its template is to show, as a dict. It calls the work
   functions of the API (`service/governing.py`, `alerting.py`, `asking.py`), never tables of its own.
2. A template in `templates/`, which extends `page.html.j2` and fills its block `main`. It says nothing of its
   own: `t("area.key")` fetches words in the reader's language, filters of `numbers.py` write figures, macros
   of `parts.html.j2` make tables, forms and charts. Everything is escaped.
3. Its words in `core/texts/<language>/`, best as an area of their own (`dashboard_models.yaml`).
4. A `Page` (path below /dashboard, permission, template, title, view) and, for each form, a `Deed` (path,
   operation of the API, the page that shows a refusal, where to go afterwards), both listed at the end of the
   view's file as `PAGES` and `DEEDS`.
5. Its file's lists in the table of `catalogue.py`.

Nothing else: routes, session, permission, language, theme, navigation, forgery checks, headers, the audit log
and the page of an error follow. The tests open every page of the catalogue.
"""
