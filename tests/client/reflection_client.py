#!/usr/bin/env python3
"""A stranger at the door: files a signed application knowing nothing of the service but its address.

Services, methods and messages come from server reflection at run time; no generated code, no proto file. What it must know is only
what the documentation tells every caller: the name of the service, its methods and three fields.

    reflection_client.py --address 127.0.0.1:50051 --file application.cms
    reflection_client.py --address 127.0.0.1:50051 --file broken.cms --expect-error INVALID_ARGUMENT:TOTAL-FAILED/HASH_FAILURE

Prints one line of JSON for each step. Exit status: 0 what was expected happened, 1 it did not.
"""

import argparse
import json
import sys
import time

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SERVICE = "consular.registration.v1.ApplicationService"
WANTED = "APPLICATION_STATE_COMPLETED"
FINAL = {WANTED, "APPLICATION_STATE_REFUSED", "APPLICATION_STATE_WITHDRAWN", "APPLICATION_STATE_RETURNED"}


def say(step, **facts):
    print(json.dumps({"step": step, **facts}, ensure_ascii=False), flush=True)


class Reflected:
    """Calls methods by name with messages built from descriptors that the server handed over."""

    def __init__(self, channel):
        self.channel = channel
        self.database = ProtoReflectionDescriptorDatabase(channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)

    def services(self):
        return sorted(self.database.get_services())

    def call(self, service, method, **fields):
        found = self.pool.FindServiceByName(service).FindMethodByName(method)
        request = message_factory.GetMessageClass(found.input_type)(**fields)
        response = message_factory.GetMessageClass(found.output_type)
        invoke = self.channel.unary_unary(
            f"/{service}/{method}", request_serializer=lambda m: m.SerializeToString(), response_deserializer=response.FromString
        )
        return invoke(request, timeout=30)


def state_of(application):
    field = application.DESCRIPTOR.fields_by_name["state"]
    return field.enum_type.values_by_number[application.state].name


def explained(error):
    """The status code, and reason and metadata of the ErrorInfo where there is one."""
    facts = {"code": error.code().name, "message": error.details()}
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    facts.update(reason=info.reason, **info.metadata)
    return facts


def as_expected(expected, facts):
    """`CODE`, `CODE:INDICATION` or `CODE:INDICATION/SUB_INDICATION`."""
    code, _, verdict = expected.partition(":")
    indication, _, sub_indication = verdict.partition("/")
    wanted = {"code": code, "indication": indication, "sub_indication": sub_indication}
    return all(facts.get(name) == value for name, value in wanted.items() if value)


def channel_to(arguments):
    if not arguments.ca:
        return grpc.insecure_channel(arguments.address)
    read = lambda path: open(path, "rb").read() if path else None
    credentials = grpc.ssl_channel_credentials(read(arguments.ca), read(arguments.key), read(arguments.cert))
    return grpc.secure_channel(arguments.address, credentials)


def submit_and_follow(server, content, timeout):
    application = server.call(SERVICE, "SubmitApplication", signed_application=content).application
    say("submitted", name=application.name, number=application.number, state=state_of(application))
    if state_of(application) != "APPLICATION_STATE_ACCEPTED":
        return False
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        application = server.call(SERVICE, "GetApplication", name=application.name).application
        if state_of(application) in FINAL:
            break
        time.sleep(0.1)
    say("followed", name=application.name, state=state_of(application))
    return state_of(application) == WANTED


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", required=True, help="host:port of the service")
    parser.add_argument("--file", required=True, help="the signed application")
    parser.add_argument("--expect-error", metavar="CODE[:INDICATION[/SUB]]", help="the refusal that is expected")
    parser.add_argument("--timeout", type=float, default=60, help="seconds to wait for COMPLETED")
    parser.add_argument("--ca", help="PEM root of the server, for TLS")
    parser.add_argument("--cert", help="PEM client certificate, for TLS")
    parser.add_argument("--key", help="PEM client key, for TLS")
    arguments = parser.parse_args()

    with open(arguments.file, "rb") as file:
        content = file.read()
    with channel_to(arguments) as channel:
        server = Reflected(channel)
        services = server.services()
        say("services", services=services)
        if SERVICE not in services:
            return 1
        try:
            completed = submit_and_follow(server, content, arguments.timeout)
            return 0 if completed and not arguments.expect_error else 1
        except grpc.RpcError as error:
            facts = explained(error)
            say("refused", **facts)
            return 0 if arguments.expect_error and as_expected(arguments.expect_error, facts) else 1


if __name__ == "__main__":
    sys.exit(main())
