"""One table of addresses, by what can be told of them from the page."""

from servicenow_contract.contract.addresses import address_of, addresses
from servicenow_contract.vectors.look_alikes import look_alikes

ID = "0123456789abcdef0123456789ABCDEF"
HOST = "https://acme.service-now.com"
_FRAME = f"{HOST}/now/nav/ui/classic/params/target/"
TICKET = address_of("acme", ID)

CERTAIN = (
    *addresses(TICKET).values(),
    f"{HOST}/incident.do?sysparm_view=ess&sys_id={ID}&sysparm_stack=incident_list.do%3Fx%3Dy",
    f"{HOST}/incident.do?sys_id={ID}&sysparm_stack=problem_list.do%3Fsysparm_query%3Dactive",
    f"{_FRAME}incident.do?sys_id={ID}&sysparm_domain=null&sysparm_domain_scope=null",
    f"{_FRAME}incident.do%3Fsysparm_view%3Dess%26sys_id%3D{ID}",
    f"{_FRAME}/incident.do?sys_id={ID}",
    f"{HOST}/nav_to.do?uri=%2fincident.do%3fsys_id%3d{ID}",
    f"{HOST}/nav_to.do?uri=incident.do?sys_id%3D{ID}",
    f"{HOST}/now/sow/record/incident/{ID}/",
    f"{HOST}/now/sow/record/incident/{ID}/params/selected-tab-index/1/a/b",
    f"{HOST}/now/workspace/agent/record/incident/{ID}?x=1",
    f"{HOST}/csm?table=incident&sys_id={ID}&view=sp",
    "https://ACME.Service-Now.Com/incident.do?sys_id=" + ID,
    "hTTps://acme.service-now.com/incident.do?sys_id=" + ID,
)
OPEN = (
    f"{HOST}/incident.do?sysparm_query=number=INC0010023",
    f"{HOST}/nav_to.do?uri=incident.do%3Fsysparm_query%3Dnumber%3DINC0010023",
    f"{HOST}/incident_list.do?sysparm_query=sys_id={ID}",
    f"{_FRAME}incident_list.do%3Fsysparm_query%3Dsys_id%3D{ID}",
    f"{HOST}/task.do?sys_id={ID}",
    f"{HOST}/$m.do#/incident/{ID}",
    f"{HOST}/api/now/table/incident/{ID}",
    f"{HOST}/api/now/v2/table/incident/{ID}",
    f"{HOST}/login_redirect.do?sysparm_url=incident.do%3Fsys_id%3D{ID}",
    f"{HOST}/login_redirect.do?sysparm_url=nav_to.do%3Furi%3Dincident.do%253Fsys_id%253D{ID}",
    f"http://acme.service-now.com/incident.do?sys_id={ID}",
    f"{HOST}:443/incident.do?sys_id={ID}",
    f"{HOST}:8443/incident.do?sys_id={ID}",
    f"{HOST}:/incident.do?sys_id={ID}",
    f"{HOST}/incident.do?sys_id={ID}#tab",
    f"{HOST}/now/sow/record/incident/{ID}#tab",
    f"{HOST}/incident.do?sys_id=01234567-89ab-cdef-0123-456789abcdef",
    f"{HOST}/incident.do?sys_id={ID[:-1]}",
    f"{HOST}/incident.do?sys_id={ID}0",
    f"{HOST}/incident.do?sys_id={ID}&sys_id={ID[::-1]}",
    f"{HOST}/incident.do?sys_id={ID}&x=a b|c",
    f'{HOST}/incident.do?sys_id={ID}&x="<\u00e9>%',
    f"{HOST}/incident.do?sys_id={ID} please",
    f"{HOST}/sp?sys_id={ID}&id=form&table=task",
    f"https://acme_dev.service-now.com/incident.do?sys_id={ID}",
    f"https://-acme.service-now.com/incident.do?sys_id={ID}",
    f"{HOST}/a/../incident.do?sys_id={ID}",
)
UNTOLD = (
    f"{HOST}/short/{ID}",
    f"{HOST}/?sys_id={ID}",
    f"{HOST}/now/nav/ui/home",
    f"{HOST}/Incident.do?sys_id={ID}",
)
"""Nobody can tell these either, and no pattern could take them without taking everything."""
NONE = (
    *dict.fromkeys(each for _, each in look_alikes(TICKET)),
    f"https://acme.service-now.com\\@evil.example/incident.do?sys_id={ID}",
    f"https://[::1/incident.do?sys_id={ID}",
    f"{HOST}/problem.do?sys_id={ID}",
    f"{HOST}/now/sir/record/sn_si_incident/{ID}",
    f"{HOST}/api/now/table/problem/{ID}",
    f"{HOST}/incident.do?",
)
BLANKS = tuple(f"{before}{TICKET}{after}" for before, after in ((" ", ""), ("", "\n"), ("\t", " ")))
"""Open by the page's words; the client refuses them with a word about the spaces."""
