"""An eject through our adapters, the platform and a cabinet, and its answer in the inbox."""

from chalicelib.domain.cabinets.cabinet_protocol.envelope import read_envelope
from chalicelib.domain.cabinets.cabinet_protocol.frames import EjectResult, Verdict, decode
from chalicelib.gateways.alibaba_iot import AlibabaCabinets
from chalicelib.gateways.mns import MnsInbox
from infra.local.cabinets import iot_server, mns_server
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.serving import Serving
from infra.local.simulation import Simulation

IMEI, PRODUCT, FIRST = "864601069946994", "a1product", "40818051"


def inbox_is_emptied(queue: MnsQueue) -> None:
    for message in queue.receive(16, 0):
        queue.delete(message.receipt)


def test_an_eject_and_its_answer_pass_both_real_adapters() -> None:
    simulation, queue = Simulation(pace=0), MnsQueue()
    cabinets = SimulatedCabinets(simulation, queue)
    mns = Serving(mns_server.mns_app(simulation, queue)).start()
    iot = Serving(
        iot_server.iot_app(simulation, cabinets.handle_command, cabinets.online, product_key=PRODUCT)
    ).start()
    cabinets.add(IMEI, "40000444", PRODUCT, {1: (FIRST, 90)})
    inbox_is_emptied(queue)
    platform = AlibabaCabinets(
        iot.url,
        region=iot_server.REGION,
        instance_id="",
        product_key=PRODUCT,
        key_id=iot_server.KEY_ID,
        key_secret=iot_server.KEY_SECRET,
        now=simulation.clock.now,
        nonce=lambda: "once",
    )
    inbox = MnsInbox(mns.url, queue=queue.name, key_id=mns_server.KEY_ID, key_secret=mns_server.KEY_SECRET)
    platform.eject(IMEI, FIRST, at=simulation.clock.now())
    (message,) = inbox.receive(20)
    frame = decode(read_envelope(message.body).frame)
    assert isinstance(frame, EjectResult)
    assert (frame.powerbank_sn, frame.verdict) == (FIRST, Verdict.EJECTED)
    inbox.delete([message])
    assert queue.counts() == (0, 0)
    for part in (cabinets, mns, iot):
        part.stop()
