package dev.coterie.etcd.state;

import io.etcd.jetcd.api.AlarmMember;
import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.AlarmType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The alarms that are raised. The one that matters says that there is no space left, and then nothing is written. */
final class Alarms {

    private final Set<AlarmMember> raised = new LinkedHashSet<>();

    AlarmResponse answer(AlarmRequest request) {
        AlarmMember alarm = AlarmMember.newBuilder()
                .setMemberID(request.getMemberID())
                .setAlarmValue(request.getAlarmValue())
                .build();
        AlarmResponse.Builder response = AlarmResponse.newBuilder();
        switch (request.getAction()) {
            case GET ->
                raised.stream()
                        .filter(other -> request.getAlarm() == AlarmType.NONE
                                || other.getAlarmValue() == request.getAlarmValue())
                        .forEach(response::addAlarms);
            case ACTIVATE -> {
                raised.add(alarm);
                response.addAlarms(alarm);
            }
            case DEACTIVATE -> {
                if (raised.remove(alarm)) {
                    response.addAlarms(alarm);
                }
            }
            case UNRECOGNIZED -> {
                // etcd answers with nothing.
            }
        }
        return response.build();
    }

    void requireSpace() {
        if (raised.stream().anyMatch(alarm -> alarm.getAlarm() == AlarmType.NOSPACE)) {
            throw EtcdError.noSpace();
        }
    }

    /** As a member's status lists them. */
    List<String> asErrors() {
        return raised.stream()
                .map(alarm ->
                        "memberID:" + Long.toUnsignedString(alarm.getMemberID()) + " alarm:" + alarm.getAlarm() + " ")
                .toList();
    }
}
