package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// policy lets a page load its own files and nothing else, and lets no script
// turn text into markup: what people typed stays text.
const policy = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

// guard serves only requests that call this node by a name of its own, and
// writes only for its own pages. Without it any page that the person has open
// could write through their browser, by a form or by a name that it points here.
func guard(hosts []string, next http.Handler) http.Handler {
	own := http.NewCrossOriginProtection()
	own.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "只接受本机自己页面的提交", "only this node's own pages may write here")
	}))
	inner := own.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if !calls(r, hosts) {
			refuse(w, http.StatusMisdirectedRequest,
				"请用本机的地址打开；若要用名称，请先在配置中写明",
				"open this node by its address; a name must stand in its configuration first")
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// calls reports whether the request names this node: by a loopback address, by
// the address at which it arrived, or by one of the hosts.
func calls(r *http.Request, hosts []string) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || slices.Contains(hosts, host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	return ip.IsLoopback() || ip.Unmap() == arrival(r)
}

// arrival returns the address of this node at which the request arrived.
func arrival(r *http.Request) netip.Addr {
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return netip.Addr{}
	}
	at, _ := netip.ParseAddrPort(local.String())
	return at.Addr().Unmap().WithZone("")
}
