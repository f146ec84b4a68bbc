using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ProvingADomain(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Takes_the_record_the_dns_answers_with()
    {
        using var dns = new DnsServer();
        await using var host = await AccountsHost.Start(database, txt: new DnsTxtRecords(dns.Address));
        var acme = (await host.Organisations.CreateTest()).Id;
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "admin@boss.example");
        var domain = await (await host.AsPerson(
            admin, HttpMethod.Put, "/v1/domains", new { domain = "Acme.Example", joining = "viewer" })).Json();

        var before = await host.AsPerson(admin, HttpMethod.Post, "/v1/domains/acme.example/check");
        dns.Records[domain.GetProperty("record_name").GetString()!] = domain.GetProperty("record_value").GetString()!;
        var after = await host.AsPerson(admin, HttpMethod.Post, "/v1/domains/acme.example/check");

        await before.Problem(409, "domain_not_proved");
        (await after.Json()).GetProperty("verified_at").GetString().ShouldNotBeNull();
        dns.Records.Clear();
        await (await host.AsPerson(admin, HttpMethod.Post, "/v1/domains/acme.example/check")).Problem(409, "domain_not_proved");
        var list = (await (await host.AsPerson(admin, "/v1/domains")).Json()).GetProperty("data");
        list[0].GetProperty("verified_at").GetString().ShouldBeNull();
    }

    [Theory]
    [InlineData("gmail.com")]
    [InlineData("yahoo.co.jp")]
    [InlineData("localhost")]
    [InlineData("-a.example")]
    [InlineData("a..example")]
    [InlineData("acme.example/x")]
    public async Task Is_refused_for_what_nobody_owns_or_is_no_domain(string domain)
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        var address = $"admin{new IdSource(TimeProvider.System).Next():N}@boss.example";
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, address);

        await (await host.AsPerson(admin, HttpMethod.Put, "/v1/domains", new { domain })).Problem(422, "invalid_member");
    }

    [Fact]
    public async Task Lets_people_with_a_proved_address_of_it_join_or_ask()
    {
        await using var host = await AccountsHost.Start(database);
        var open = (await host.Organisations.CreateTest("Open")).Id;
        var asking = (await host.Organisations.CreateTest("Asking")).Id;
        var closed = (await host.Organisations.CreateTest("Closed")).Id;
        await Verified(open, "viewer");
        await Verified(asking, "ask");
        await Verified(closed, "invited");
        var (_, admin) = await host.Member(database, asking, MemberRole.Admin, "admin@elsewhere.example");
        var (person, cookie) = await host.SignedIn(database, "new@corp.example");
        var (_, stranger) = await host.SignedIn(database, "new@evilcorp.example");

        var suggested = (await (await host.AsPerson(cookie, "/v1/me/join-suggestions")).Json()).GetProperty("data");
        var joined = await Join(host, cookie, open);
        var asked = await Join(host, cookie, asking);
        var refused = await Join(host, cookie, closed);
        var foreign = await Join(host, stranger, open);

        suggested.EnumerateArray().Select(one => one.GetProperty("name").GetString()).ShouldBe(["Asking", "Open"]);
        (await joined.Json()).GetProperty("role").GetString().ShouldBe("viewer");
        (await asked.Json()).GetProperty("role").GetString().ShouldBeNull();
        await refused.Problem(404, "organisation_not_found");
        await foreign.Problem(404, "organisation_not_found");
        var waiting = (await (await host.AsPerson(admin, "/v1/join-requests")).Json()).GetProperty("data");
        waiting[0].GetProperty("email").GetString().ShouldBe("new@corp.example");
        (await host.AsPerson(admin, HttpMethod.Post, $"/v1/join-requests/{person}", new { let_in = true }))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await host.AsPerson(cookie, "/v1/members", asking)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Tells_those_who_decide_and_lets_them_choose_the_role()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest("Acme")).Id;
        await Verified(acme, "ask", "told.example");
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "decider@elsewhere.example");
        var (person, cookie) = await host.SignedIn(database, "asker@told.example");

        await (await Join(host, cookie, acme)).Json();
        await (await Join(host, cookie, acme)).Json();
        host.Mails.To("decider@elsewhere.example").Count.ShouldBe(1);
        await (await Decide(host, admin, person, new { let_in = true, role = "owner" })).Problem(403, "role_out_of_reach");
        await (await Decide(host, admin, person, new { let_in = true, role = "boss" })).Problem(422, "invalid_member");
        (await Decide(host, admin, person, new { let_in = true, role = "developer" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        host.Mails.To("asker@told.example")[^1].Text.ShouldContain("as developer");
        (await (await host.AsPerson(cookie, "/v1/me/organisations")).Json()).GetProperty("data")[0]
            .GetProperty("role").GetString().ShouldBe("developer");
        await (await Decide(host, admin, person, new { let_in = false })).Problem(404, "not_found");
    }

    [Fact]
    public async Task Lets_somebody_who_was_turned_away_ask_again_a_few_times_and_take_it_back()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        await Verified(acme, "ask", "again.example");
        var (_, admin) = await host.Member(database, acme, MemberRole.Admin, "stern@elsewhere.example");
        var (person, cookie) = await host.SignedIn(database, "pest@again.example");

        await (await Join(host, cookie, acme)).Json();
        (await host.AsPerson(cookie, HttpMethod.Delete, $"/v1/me/join-requests/{acme}")).StatusCode
            .ShouldBe(HttpStatusCode.NoContent);
        await (await Decide(host, admin, person, new { let_in = true })).Problem(404, "not_found");
        for (var time = 0; time < 4; time++)
        {
            await (await Join(host, cookie, acme)).Json();
            await Decide(host, admin, person, new { let_in = false });
        }

        await (await Join(host, cookie, acme)).Problem(429, "too_many_attempts");
    }

    [Fact]
    public async Task Suggests_nothing_to_somebody_whose_address_or_whose_domain_is_not_proved()
    {
        await using var host = await AccountsHost.Start(database);
        var acme = (await host.Organisations.CreateTest()).Id;
        await Verified(acme, "viewer", "later.example");
        var (person, cookie) = await host.SignedIn(database, "claims@later.example");
        await database.Write("update accounts.users set email_verified_at = null where user_id = $1", person.Value);

        var unproved = await Join(host, cookie, acme);
        await database.Write("update accounts.users set email_verified_at = created_at where user_id = $1", person.Value);
        await database.Write("update accounts.domains set verified_at = null where org_id = $1", acme.Value);
        var unverified = await Join(host, cookie, acme);

        await unproved.Problem(404, "organisation_not_found");
        await unverified.Problem(404, "organisation_not_found");
    }

    private static Task<HttpResponseMessage> Join(AccountsHost host, string cookie, OrgId org) =>
        host.AsPerson(cookie, HttpMethod.Post, "/v1/me/join", new { organisation_id = org });

    private static Task<HttpResponseMessage> Decide(AccountsHost host, string admin, UserId person, object decision) =>
        host.AsPerson(admin, HttpMethod.Post, $"/v1/join-requests/{person}", decision);

    private Task Verified(OrgId org, string joining, string domain = "corp.example") => database.Write(
        """
        insert into accounts.domains (org_id, domain, proof, joining, created_by, created_at, verified_at)
        select org_id, $3, 'proof', $2, 'system', created_at, created_at
        from accounts.organisations
        where org_id = $1
        """,
        org.Value,
        joining,
        domain);

    /// <summary>A DNS server on loopback that knows TXT records: its names compressed, its texts in parts, as real ones do.</summary>
    private sealed class DnsServer : IDisposable
    {
        private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        public DnsServer()
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _ = Task.Run(Serve);
        }

        public IPEndPoint Address => (IPEndPoint)socket.LocalEndPoint!;

        public System.Collections.Concurrent.ConcurrentDictionary<string, string> Records { get; } = new();

        public void Dispose() => socket.Dispose();

        private async Task Serve()
        {
            var buffer = new byte[4_096];
            try
            {
                while (true)
                {
                    var asked = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                    await socket.SendToAsync(Answer(buffer.AsSpan(0, asked.ReceivedBytes).ToArray()), asked.RemoteEndPoint);
                }
            }
            catch (Exception closed) when (closed is ObjectDisposedException or SocketException)
            {
                // The test is over.
            }
        }

        private byte[] Answer(byte[] question)
        {
            var name = new StringBuilder();
            var at = 12;
            while (question[at] != 0)
            {
                name.Append(name.Length == 0 ? "" : ".").Append(Encoding.ASCII.GetString(question, at + 1, question[at]));
                at += question[at] + 1;
            }

            var end = at + 5;
            var found = Records.TryGetValue(name.ToString(), out var text);
            using var answer = new MemoryStream();
            answer.Write(question.AsSpan(0, 2));
            answer.Write([0x81, 0x80, 0, 1, 0, (byte)(found ? 2 : 0), 0, 0, 0, 0]);
            answer.Write(question.AsSpan(12, end - 12));
            foreach (var one in found ? new[] { "v=spf1 -all", text! } : [])
            {
                var parts = one.Chunk(20).Select(part => Encoding.ASCII.GetBytes(part)).ToList();
                var head = new byte[] { 0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0 };
                BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(10), (ushort)parts.Sum(part => part.Length + 1));
                answer.Write(head);
                parts.ForEach(part => answer.Write([(byte)part.Length, .. part]));
            }

            return answer.ToArray();
        }
    }
}
