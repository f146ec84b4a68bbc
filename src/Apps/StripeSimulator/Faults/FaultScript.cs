namespace Quoin.StripeSimulator.Faults;

/// <summary>The faults that wait for their calls, first come first served. Used under the world's lock.</summary>
internal sealed class FaultScript
{
    private readonly List<Waiting> calls = [];
    private readonly List<(WebhookFault Fault, int Left)> webhooks = [];
    private long groups;

    /// <summary>What waits for calls.</summary>
    public IEnumerable<(Fault Fault, int Left)> Calls => calls.Select(waiting => (waiting.Fault, waiting.Left));

    /// <summary>What waits for webhooks.</summary>
    public IEnumerable<(WebhookFault Fault, int Left)> Webhooks => webhooks;

    /// <summary>Adds one for calls.</summary>
    public void Add(Fault fault)
    {
        Refuse(calls.Count);
        calls.Add(new Waiting(fault));
    }

    /// <summary>Adds one for webhooks.</summary>
    public void Add(WebhookFault fault)
    {
        Refuse(webhooks.Count);
        webhooks.Add((fault, fault.Times));
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        calls.Clear();
        webhooks.Clear();
    }

    /// <summary>The fault of a call; null when it goes well.</summary>
    public Fault? Take(string method, string path)
    {
        foreach (var waiting in calls.Where(waiting => Matches(waiting.Fault.Method, method) && Matches(waiting.Fault.Path, path)))
        {
            if (waiting.Skip > 0)
            {
                waiting.Skip--;
                continue;
            }

            if (--waiting.Left <= 0)
            {
                calls.Remove(waiting);
            }

            return waiting.Fault;
        }

        return null;
    }

    /// <summary>The fault of a webhook and which of its group it is; null when it goes well.</summary>
    public (WebhookFault Fault, bool IsLast, long Group)? TakeWebhook(string type)
    {
        var index = webhooks.FindIndex(waiting => Matches(waiting.Fault.Type, type));
        if (index < 0)
        {
            return null;
        }

        var (fault, left) = webhooks[index];
        if (left == fault.Times)
        {
            groups++;
        }

        if (left <= 1)
        {
            webhooks.RemoveAt(index);
            return (fault, true, groups);
        }

        webhooks[index] = (fault, left - 1);
        return (fault, false, groups);
    }

    /// <summary>Whether a text is what a pattern with stars says.</summary>
    public static bool Matches(string pattern, string text)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1)
        {
            return string.Equals(pattern, text, StringComparison.OrdinalIgnoreCase);
        }

        if (!text.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = text.IndexOf(part, at, StringComparison.OrdinalIgnoreCase);
            if (found < 0)
            {
                return false;
            }

            at = found + part.Length;
        }

        return text.Length - at >= parts[^1].Length && text.EndsWith(parts[^1], StringComparison.OrdinalIgnoreCase);
    }

    private static void Refuse(int count)
    {
        if (count >= Limits.FaultsMax)
        {
            throw new InvalidOperationException($"{Limits.FaultsMax} faults wait already; reset the simulator.");
        }
    }

    private sealed class Waiting(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int Left { get; set; } = fault.Times;

        public int Skip { get; set; } = fault.After;
    }
}
