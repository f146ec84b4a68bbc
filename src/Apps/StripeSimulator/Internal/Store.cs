using System.Text.Json.Nodes;

namespace Quoin.StripeSimulator.Internal;

/// <summary>
/// All objects, by id and in the order they were made. Changes gather until <see cref="Commit"/>, which writes them to
/// the journal. Used under the world's lock only.
/// </summary>
internal sealed class Store
{
    private readonly Dictionary<string, JsonObject> byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> byKind = new(StringComparer.Ordinal);
    private readonly SortedSet<(string Clock, long At, string Id)> due = [];
    private readonly Dictionary<string, (string Clock, long At, string Id)> dueOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> changed = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private Journal? journal;

    /// <summary>Reads an earlier life and keeps a journal from here on.</summary>
    public void Open(string path)
    {
        foreach (var change in Journal.Read(path))
        {
            if (change.Text("_deleted") is { } id)
            {
                Remove(id);
            }
            else
            {
                Put(change);
            }
        }

        changed.Clear();
        journal = Journal.Begin(path, byKind.Values.SelectMany(ids => ids).Select(id => byId[id]));
    }

    /// <summary>Writes what changed since the last time.</summary>
    public void Commit()
    {
        if (changed.Count == 0)
        {
            return;
        }

        lock (gate)
        {
            journal?.Append(changed.Select(id => byId.TryGetValue(id, out var value)
                ? value
                : new JsonObject { ["_deleted"] = id }));
        }

        changed.Clear();
    }

    /// <summary>Stops writing.</summary>
    public void Close()
    {
        lock (gate)
        {
            journal?.Dispose();
            journal = null;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        changed.UnionWith(byId.Keys);
        byId.Clear();
        byKind.Clear();
        due.Clear();
        dueOf.Clear();
    }

    /// <summary>Keeps an object, new or changed.</summary>
    public void Put(JsonObject value)
    {
        var id = value.Id();
        if (byId.TryAdd(id, value))
        {
            var ids = Of(value.Kind());
            if (ids.Count >= Limits.ObjectsMax)
            {
                byId.Remove(id);
                throw new ApiException(
                    400, "invalid_request_error", $"The simulator keeps {Limits.ObjectsMax} of a kind; POST /_simulator/reset.");
            }

            ids.Add(id);
        }
        else
        {
            byId[id] = value;
        }

        changed.Add(id);
        Schedule(id, value);
    }

    /// <summary>Forgets an object.</summary>
    public void Remove(string id)
    {
        if (byId.Remove(id, out var value))
        {
            Of(value.Kind()).Remove(id);
            Unschedule(id);
            changed.Add(id);
        }
    }

    /// <summary>Forgets the oldest of a kind beyond a number.</summary>
    public void KeepNewest(string kind, int most)
    {
        var ids = Of(kind);
        if (ids.Count <= most + (most / 10))
        {
            return;
        }

        foreach (var id in ids.Take(ids.Count - most))
        {
            byId.Remove(id);
            Unschedule(id);
            changed.Add(id);
        }

        ids.RemoveRange(0, ids.Count - most);
    }

    /// <summary>An object by its id, whatever it is; null when there is none.</summary>
    public JsonObject? Find(string? id) => id is not null && byId.TryGetValue(id, out var value) ? value : null;

    /// <summary>An object of a kind by its id; null when there is none.</summary>
    public JsonObject? Find(string kind, string? id) => Find(id) is { } value && value.Kind() == kind ? value : null;

    /// <summary>Objects of a kind, oldest first.</summary>
    public IEnumerable<JsonObject> All(string kind) => Of(kind).Select(id => byId[id]);

    /// <summary>Objects of a kind, newest first.</summary>
    public IEnumerable<JsonObject> Newest(string kind)
    {
        var ids = Of(kind);
        for (var index = ids.Count - 1; index >= 0; index--)
        {
            yield return byId[ids[index]];
        }
    }

    /// <summary>How many there are of each kind.</summary>
    public IEnumerable<(string Kind, int Count)> Counts() => byKind.Select(kind => (kind.Key, kind.Value.Count));

    /// <summary>What is due first by an instant on a clock; null when nothing is.</summary>
    public (long At, JsonObject Value)? Due(string clock, long until)
    {
        var first = due.GetViewBetween((clock, long.MinValue, string.Empty), (clock, until, "\uffff")).Min;
        return first.Id is null ? null : (first.At, byId[first.Id]);
    }

    private void Schedule(string id, JsonObject value)
    {
        Unschedule(id);
        if (value.LongOrNull("_due") is { } at)
        {
            var entry = (value.Text("_clock") ?? string.Empty, at, id);
            due.Add(entry);
            dueOf[id] = entry;
        }
    }

    private void Unschedule(string id)
    {
        if (dueOf.Remove(id, out var entry))
        {
            due.Remove(entry);
        }
    }

    private List<string> Of(string kind)
    {
        if (!byKind.TryGetValue(kind, out var ids))
        {
            byKind[kind] = ids = [];
        }

        return ids;
    }
}
